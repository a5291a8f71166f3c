package locate

func defaultRunDir() string { return systemRunDir }
