package io.fundamentallm.runtime.cpu.kernels.norm;

import org.jspecify.annotations.Nullable;

/**
 * A LayerNorm, or an RMSNorm where there is no beta. In place of gamma and beta it may hold their
 * gradients.
 *
 * @param size n, elements that are normalised together
 * @param stride distance between two rows, in all matrices that go through it
 * @param epsilon added to the variance or the mean square
 * @param gamma [n]
 * @param gammaAt index of its first element
 * @param beta [n], or null
 * @param betaAt index of its first element
 */
@SuppressWarnings("ArrayRecordComponent") // a place in arrays, never compared
public record Normalization(
    int size,
    int stride,
    float epsilon,
    float[] gamma,
    int gammaAt,
    float @Nullable [] beta,
    int betaAt) {}
