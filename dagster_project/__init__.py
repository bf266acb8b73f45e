"""Veinway: partners' plan feeds in, one aligned plan and its KPIs out. Data walks through the rooms of this package one way."""
