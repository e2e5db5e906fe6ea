"""The API: carries out requests on the database, with its permissions and its SQL."""
