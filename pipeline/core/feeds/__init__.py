"""Feed bytes to items: RSS, Atom, JSON Feed, OPML, and the list of feeds to start with."""
