"""Messages between server and pages. Pure: structs, codec, views, merge patch, schema."""
