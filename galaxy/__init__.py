"""The collection geocrop.storage, built of the files that the project runs from: ``make collection``."""
