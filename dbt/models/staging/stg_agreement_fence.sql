{{ staged('agreement_fence') }}
