package session

// otherFiles is how many files a run has open beside its connections: the corpus, the run file, the standard streams, the
// engine's own, a dashboard with a few pages.
const otherFiles = 24

// FilesRoom is how many connections this machine lets the process have beside the files of a run, and limit how many files in
// all; both are 0 where no limit is known.
func FilesRoom() (room, limit int) {
	if limit = openFiles(); limit <= 0 {
		return 0, 0
	}
	return limit - otherFiles, limit
}

// checkFiles holds that this machine lets the run open as many connections as it is to have.
func (o *Options) checkFiles() error {
	room, limit := FilesRoom()
	if limit > 0 && o.Engine.Connections > room {
		return &FilesError{o.Engine.Connections, o.Engine.Connections + otherFiles, limit, room}
	}
	return nil
}
