{{ staged('agreement_approval') }}
