package locate

func defaultRunDir() string { return systemRunDir }

func defaultRoot() string { return "" }
