package io.fundamentallm.webservice.settings;

import jakarta.validation.constraints.NotNull;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * What is remembered of prompts: the properties {@code fundamentallm.prefix-cache.…}. Immutable.
 *
 * @param memory the most that keys and values take in memory; 0 for none; by default an eighth of
 *     the largest heap
 * @param directory where they are written, so that a service that is started again has them; by
 *     default none
 * @param disk the most that these files take
 * @param systemPrompt what conversations begin with, read once at the start and kept
 */
public record PrefixCacheSettings(
    @DataSizeMin(0) @Nullable DataSize memory,
    @Nullable Path directory,
    @NotNull @DataSizeMin(1) @DefaultValue("4GB") DataSize disk,
    @Nullable String systemPrompt) {}
