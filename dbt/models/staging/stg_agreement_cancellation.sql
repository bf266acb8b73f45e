{{ staged('agreement_cancellation') }}
