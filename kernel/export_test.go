package kernel

// Insides returns the unexported parts of a kernel that tests use.
func Insides(k *Kernel) seam { return seam{k} }

// PublicState returns the name of a state in events.
var PublicState = publicStates
