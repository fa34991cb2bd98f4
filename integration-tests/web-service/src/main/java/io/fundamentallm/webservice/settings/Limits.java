package io.fundamentallm.webservice.settings;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * What clients may ask for: the properties {@code fundamentallm.limits.…}. Immutable.
 *
 * @param body the largest body of a request
 * @param running how many requests are answered at a time; each takes a thread while it computes
 * @param waiting how many more may wait; further ones are refused
 * @param maxTokens the most tokens of a continuation
 * @param chatTokens how many tokens an answer in a chat may have where the request does not say
 * @param sequences the most continuations of a request, including those that a decoder compares
 * @param alternatives the most alternatives of a token
 * @param spec the longest sampler, and the longest JSON schema
 * @param schemaDepth how deep arrays and objects may nest in a JSON schema
 * @param compilation the longest time for compiling the constraint of one request, and the longest
 *     that it waits for those of other requests
 * @param time the longest time that a request waits, and the longest that it is answered, all its
 *     prompts together
 * @param unread how long a client may read nothing of what is written to it, once no more of it
 *     fits between the two; then its connection is cut
 * @param unauthenticated the most connections whose clients have not shown the key; without a key,
 *     of those that have no whole request under way. A further one replaces the oldest that is
 *     older than a second; together they may be 16 times as many
 * @param unauthenticatedTime how long a connection may stay until its client shows the key; without
 *     a key, how long the first headers may take
 */
public record Limits(
    @NotNull @DataSizeMin(1) @DefaultValue("1MB") DataSize body,
    @Min(1) @Max(1024) @DefaultValue("32") int running,
    @Min(0) @DefaultValue("64") int waiting,
    @Min(1) @DefaultValue("4096") int maxTokens,
    @Min(1) @DefaultValue("1024") int chatTokens,
    @Min(1) @Max(1024) @DefaultValue("8") int sequences,
    @Min(0) @DefaultValue("20") int alternatives,
    @NotNull @DataSizeMin(1) @DefaultValue("64KB") DataSize spec,
    @Min(1) @Max(200) @DefaultValue("32") int schemaDepth,
    @NotNull @DurationMin(millis = 1) @DefaultValue("5s") Duration compilation,
    @NotNull @DurationMin(millis = 1) @DefaultValue("2m") Duration time,
    @NotNull @DurationMin(millis = 1) @DefaultValue("5s") Duration unread,
    @Min(1) @DefaultValue("128") int unauthenticated,
    @NotNull @DurationMin(millis = 1) @DefaultValue("10s") Duration unauthenticatedTime) {}
