package kernel

// Insides are what tests reach in a kernel beside its calls.
func Insides(k *Kernel) seam { return seam{k} }

// PublicState returns the name that events have for a state.
var PublicState = publicStates
