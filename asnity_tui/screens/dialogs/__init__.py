"""Dialogs: questions, forms, menus and lists to choose from."""
