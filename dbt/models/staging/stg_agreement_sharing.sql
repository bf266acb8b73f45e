{{ staged('agreement_sharing') }}
