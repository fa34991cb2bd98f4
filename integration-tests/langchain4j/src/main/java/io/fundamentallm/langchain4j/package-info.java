/**
 * LangChain4j's models on top of a {@link io.fundamentallm.TextGenerator}: a {@link
 * io.fundamentallm.langchain4j.FundamentaLlmChatModel}, which answers in one go, a {@link
 * io.fundamentallm.langchain4j.FundamentaLlmStreamingChatModel}, which answers piece by piece, and
 * a {@link io.fundamentallm.langchain4j.FundamentaLlmLanguageModel}, which continues a prompt.
 *
 * <p>All of them are immutable and thread-safe. The generator remains its owner's: any number of
 * these models may share it, none of them closes it, and after it is closed they fail with {@link
 * IllegalStateException}. Simultaneous requests share passes over the weights.
 *
 * <h2>What becomes of a chat request</h2>
 *
 * <p>Messages are laid out by the chat template in the model's files: those of the system, the user
 * and the AI, in the roles {@code system}, {@code user} and {@code assistant}. The texts of a
 * user's message are joined by line ends; names and attributes are left out. Contents other than
 * text, results of tools and custom messages are refused with {@link
 * dev.langchain4j.exception.UnsupportedFeatureException}.
 *
 * <table>
 * <caption>Parameters of a request</caption>
 * <tr><th>parameter</th><th>what it does</th></tr>
 * <tr><td>{@code frequencyPenalty}, {@code presencePenalty}, {@code temperature}, {@code topK},
 * {@code topP}</td><td>the stages of those names, in this order. If a request has any of them, they
 * are the whole sampler and replace the generator's; if it has none, the generator's sampler stays.
 * Temperature at least 0, where 0 takes the best token; top-k at least 1; top-p in (0, 1];
 * penalties any number, over what was generated.</td></tr>
 * <tr><td>{@code maxOutputTokens}</td><td>at least 0; otherwise the generator's limit</td></tr>
 * <tr><td>{@code stopSequences}</td><td>added to the generator's stop strings; not part of the
 * answer. If the answer is JSON, only those of the request.</td></tr>
 * <tr><td>{@code responseFormat}</td><td>JSON, with or without a schema: the constraint {@code
 * json-schema} or {@code json} before the sampler: the answer is valid, unless a limit or a stop
 * sequence of the request cut it off; there is at most one character of white space between its
 * parts</td></tr>
 * <tr><td>{@code modelName}</td><td>must be the adapter's own, or absent; others are refused with
 * {@link dev.langchain4j.exception.UnsupportedFeatureException}</td></tr>
 * <tr><td>{@code toolSpecifications}, {@code toolChoice}</td><td>tools, and {@code REQUIRED}, are
 * refused with {@link dev.langchain4j.exception.UnsupportedFeatureException}</td></tr>
 * </table>
 *
 * <p>A value out of range is an {@link IllegalArgumentException}; a stage that is not on the class
 * path (they come with {@code fundamentallm-samplers}) is a {@link
 * io.fundamentallm.ProviderException} that names the artifact; a conversation that by itself does
 * not fit into the model's context is a {@link io.fundamentallm.model.ContextFullException}, unless
 * the generator has a {@link io.fundamentallm.decoding.ContextPolicy} that shortens it. Seed,
 * decoder, time limit, prefix cache and all other {@link io.fundamentallm.decoding.DecodingOptions}
 * are the generator's.
 *
 * <h2>What a response says</h2>
 *
 * <p>A unique id, and the model's name: the one given to its builder, or the architecture. Token
 * usage counts the tokens of the laid-out conversation and those generated, including a final end
 * token. The finish reason is {@code STOP} after an end token or anything else the caller set to
 * stop at, {@code LENGTH} if the limit of tokens or the context was reached, and {@code OTHER}
 * after a time limit or an endless repetition.
 */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.langchain4j;
