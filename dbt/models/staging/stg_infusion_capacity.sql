{{ staged('infusion_capacity') }}
