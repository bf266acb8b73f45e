{{ staged('agreement_calendar') }}
