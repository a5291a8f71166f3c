export const late = async () => "late";
