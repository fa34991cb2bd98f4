package io.fundamentallm.runtime.cpu.format.spec;

import io.fundamentallm.runtime.cpu.model.TransformerConfig;

/**
 * What a model's configuration says, defaults included.
 *
 * @param config its shape
 * @param architecture how its files hold the weights
 */
public record ModelSpec(TransformerConfig config, Architecture architecture) {}
