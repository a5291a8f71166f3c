// Package zones manages the zones of a machine: it configures, installs, boots and halts
// them, runs programs in them, and reports their state changes. It makes the same checks
// and takes the same locks as the commands zoneadm, zonecfg and zlogin.
//
//	m, err := zones.Open()
//	if err != nil {
//		return err
//	}
//	defer m.Close()
//	web, err := m.Create(ctx, &zonecfg.Zone{Name: "web", Zonepath: "/zones/web", Brand: "sparse"})
//	if err != nil {
//		return err
//	}
//	if err := web.Install(ctx, zones.InstallOptions{}); err != nil {
//		return err
//	}
//	if err := web.Boot(ctx, zones.BootOptions{}); err != nil {
//		return err
//	}
//	out, err := web.Command(ctx, "id").Output()
//
// [Open] returns the [Machine], which has the zones. A zone begins as a configuration
// ([Machine.Create]) and then goes through states: [Zone.Install] gives it a root
// directory, [Zone.Boot] starts its init, [Zone.Halt] stops it, and [Zone.Uninstall] and
// [Zone.Delete] remove what was created. [Zone.Command] runs a program in a running zone
// and is used like os/exec. A configuration is a [zonecfg.Zone]. The brand of a zone says
// where its root directory comes from: zones of brand sparse use the programs of a Linux
// machine, those of brand tar unpack an archive or a container image, and illumos has
// brands of its own.
//
// On illumos the zones are the system's, and calls need the privileges that zoneadm
// needs. On Linux zones are isolated processes. They are managed by a kernel process,
// which is started on first use and has zones of its own for each user; root isn't
// needed. On other systems zones exist in that process only, without programs. The
// programs zones-kernel and zoneadmd-go, and zones-unpack for archives, must be in the
// directory of the running program, in PATH, or in the installation whose zoneadm-go is in
// PATH. The environment variable ZONES_ROOT names a directory to use instead of / for
// configurations and zonepaths, and ZONES_RUN one for locks and sockets, so that a test
// doesn't touch the zones of the machine. [New] returns zones in this process, which need
// neither.
//
// Errors are of type *[Error] and can be tested for with [errors.Is] ([ErrState],
// [ErrNotConfigured] and so on). Methods may be called concurrently, also with the
// commands.
package zones
