package io.fundamentallm.runtime.cpu.format.spec;

import io.fundamentallm.internal.json.JsonObject;
import io.fundamentallm.runtime.cpu.model.TransformerConfig;

/**
 * What a model's configuration says, defaults included.
 *
 * @param config its shape
 * @param architecture how its files hold the weights
 * @param family which it belongs to
 * @param settings under the keys of the family's config.json
 */
public record ModelSpec(
    TransformerConfig config, Architecture architecture, Family family, JsonObject settings) {}
