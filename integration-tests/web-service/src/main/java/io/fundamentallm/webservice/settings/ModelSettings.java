package io.fundamentallm.webservice.settings;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A further model: the properties {@code fundamentallm.models.NAME.…}. Immutable.
 *
 * @param path its directory or file; by default that of {@code fundamentallm.model}
 * @param adapter directory of a LoRA adapter that is added to its weights
 * @param runtime spec of its runtime; by default that of {@code fundamentallm.runtime}
 */
public record ModelSettings(
    @Nullable Path path, @Nullable Path adapter, @Nullable String runtime) {}
