"""Ray Workflows (`ray.workflow`, ray <2.48): storage and live clusters."""
