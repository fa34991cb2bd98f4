package io.fundamentallm.runtime.cpu.kernels.attention;

/**
 * The numbers of {@link AttentionKernels#crossEntropy} that are the same for all rows.
 *
 * @param smoothing ε of label smoothing (Szegedy et al. 2016), from 0 to 1
 * @param zLoss z, the factor of the z-loss (Chowdhery et al. 2022), at least 0
 * @param scale factor on the gradient, not on the loss
 */
public record CrossEntropy(float smoothing, float zLoss, float scale) {}
