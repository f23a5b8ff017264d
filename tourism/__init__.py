"""Waiting spots in Kayutangan and departures for the Bromo sunrise."""
