package io.fundamentallm.runtime.cpu.kernels.update;

/**
 * The numbers of one step of {@linkplain UpdateKernels#lion Lion}.
 *
 * @param gradientScale factor on every gradient
 * @param keep what weight decay leaves of a parameter
 */
public record LionStep(
    float gradientScale, float keep, float learningRate, float beta1, float beta2) {}
