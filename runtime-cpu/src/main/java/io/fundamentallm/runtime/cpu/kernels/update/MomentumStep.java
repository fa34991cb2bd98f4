package io.fundamentallm.runtime.cpu.kernels.update;

/**
 * The numbers of one step of {@linkplain UpdateKernels#momentum gradient descent with momentum}.
 *
 * @param gradientScale factor on every gradient
 * @param keep what weight decay leaves of a parameter
 */
public record MomentumStep(
    float gradientScale, float keep, float learningRate, float momentum, boolean nesterov) {}
