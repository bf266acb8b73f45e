{{ staged('patient_readiness') }}
