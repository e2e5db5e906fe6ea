"""Everything that a person can do, once: keys, palette, menus, slash commands and help are made from it."""
