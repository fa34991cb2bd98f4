/**
 * Spring AI's models on top of a {@link io.fundamentallm.TextGenerator}: a {@link
 * io.fundamentallm.springai.FundamentaLlmChatModel}, which answers at once or piece by piece, and a
 * {@link io.fundamentallm.springai.FundamentaLlmEmbeddingModel}. Where Spring Boot is on the class
 * path, {@link io.fundamentallm.springai.FundamentaLlmAutoConfiguration} makes beans of them; the
 * models themselves need no Boot.
 *
 * <p>Both models are immutable and thread-safe. The generator stays its owner's: any number of
 * models may share it, none of them closes it, and after it is closed they fail with {@link
 * IllegalStateException}. What is asked at the same time shares passes over the weights.
 *
 * <h2>What becomes of a prompt</h2>
 *
 * <p>Messages are laid out by the chat template that the model's files bring along: those of the
 * system, of the user and of the assistant, in the roles of these names. Metadata is left out.
 * Media, calls of tools and their results are refused with {@link UnsupportedOperationException}.
 *
 * <table>
 * <caption>Options of a prompt</caption>
 * <tr><th>option</th><th>what it does</th></tr>
 * <tr><td>{@code frequencyPenalty}, {@code presencePenalty}, {@code temperature}, {@code topK},
 * {@code topP}</td><td>the stages of those names, in this order. Where a request has any of them
 * they are the whole sampler, and take the place of the generator's; where it has none, the
 * generator's sampler stays. Temperature at least 0, where 0 takes the best token; top-k at least
 * 1; top-p in (0, 1]; penalties any number, over what was generated.</td></tr>
 * <tr><td>{@code maxTokens}</td><td>at least 0; otherwise the generator's limit</td></tr>
 * <tr><td>{@code stopSequences}</td><td>added to the generator's stop strings; not part of the
 * answer. Where the answer is JSON, those of the request alone.</td></tr>
 * <tr><td>{@code outputSchema}</td><td>the constraint {@code json-schema} before the sampler: the
 * answer is valid, unless a limit or a stop sequence of the request cut it off; between its parts
 * stands one character of white space at most</td></tr>
 * <tr><td>{@code model}</td><td>has to be the adapter's own, or absent; others are refused with
 * {@link IllegalArgumentException}</td></tr>
 * <tr><td>{@code toolCallbacks}</td><td>refused with {@link UnsupportedOperationException}</td></tr>
 * <tr><td>{@code seed}, {@code sampler}, {@code decoder}</td><td>of {@link
 * io.fundamentallm.springai.FundamentaLlmChatOptions}; they take the place of the generator's. A
 * sampler beside single values, such as a temperature, is refused.</td></tr>
 * </table>
 *
 * <p>What a prompt says nothing of is taken from the model's own options. A value out of range is
 * an {@link IllegalArgumentException}; a stage that is not on the class path (they come with {@code
 * fundamentallm-samplers}) is a {@link io.fundamentallm.ProviderException} that names the artifact;
 * a conversation that alone does not fit into the model's context is a {@link
 * io.fundamentallm.model.ContextFullException}, unless the generator has a {@link
 * io.fundamentallm.decoding.ContextPolicy} that shortens it. Time limit, prefix cache and all other
 * {@link io.fundamentallm.decoding.DecodingOptions} are the generator's.
 *
 * <h2>What a response says</h2>
 *
 * <p>Usage counts the tokens of the laid-out conversation and those that were generated, a final
 * end token included. The finish reason is {@code STOP} after an end token and whatever the caller
 * named to stop at, {@code LENGTH} where the limit of tokens or the context was reached, and {@code
 * OTHER} after a time limit or an endless repetition. In a stream, the last response has them.
 */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.springai;
