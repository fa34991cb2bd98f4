package io.fundamentallm.runtime.cpu.format;

import io.fundamentallm.runtime.cpu.model.TransformerConfig;

/**
 * What a model's configuration amounts to.
 *
 * @param config its shape
 * @param architecture how its files hold the weights
 */
record ModelSpec(TransformerConfig config, Architecture architecture) {}
