/**
 * Spring AI's models on top of a {@link io.fundamentallm.TextGenerator}: a {@link
 * io.fundamentallm.springai.FundamentaLlmChatModel}, which answers in one go or piece by piece, and
 * a {@link io.fundamentallm.springai.FundamentaLlmEmbeddingModel}. If Spring Boot is on the class
 * path, {@link io.fundamentallm.springai.FundamentaLlmAutoConfiguration} makes beans of them; the
 * models themselves need no Boot.
 *
 * <p>Both models are immutable and thread-safe. The generator remains its owner's: any number of
 * models may share it, none of them closes it, and after it is closed they fail with {@link
 * IllegalStateException}. Simultaneous requests share passes over the weights.
 *
 * <h2>What becomes of a prompt</h2>
 *
 * <p>Messages are laid out by the chat template in the model's files: those of the system, the user
 * and the assistant, in the roles of these names; calls of tools, and each of their results, in the
 * role {@code tool}. Of the metadata only {@code reasoningContent} is kept, for templates that lay
 * out earlier thinking. Media are refused with {@link UnsupportedOperationException}.
 *
 * <table>
 * <caption>Options of a prompt</caption>
 * <tr><th>option</th><th>what it does</th></tr>
 * <tr><td>{@code frequencyPenalty}, {@code presencePenalty}, {@code temperature}, {@code topK},
 * {@code topP}</td><td>the stages of those names, in this order. If a request has any of them, they
 * are the whole sampler and replace the generator's; if it has none, the generator's sampler stays.
 * Temperature at least 0, where 0 takes the best token; top-k at least 1; top-p in (0, 1];
 * penalties any number, over what was generated.</td></tr>
 * <tr><td>{@code maxTokens}</td><td>at least 0; otherwise the generator's limit</td></tr>
 * <tr><td>{@code stopSequences}</td><td>added to the generator's stop strings; not part of the
 * answer. If the answer is JSON, only those of the request.</td></tr>
 * <tr><td>{@code outputSchema}</td><td>the text of the answer is valid under this JSON schema,
 * unless a limit or a stop sequence of the request cut it off; there is at most one character of
 * white space between its parts. Thinking may come before it, and calls of tools in its
 * place.</td></tr>
 * <tr><td>{@code toolCallbacks}</td><td>what the answer may call, several at once, in the model's own
 * notation; every call is valid under its tool's schema. Nothing is executed here.</td></tr>
 * <tr><td>{@code model}</td><td>must be the adapter's own, or absent; others are refused with
 * {@link IllegalArgumentException}</td></tr>
 * <tr><td>{@code seed}, {@code sampler}, {@code decoder}</td><td>of {@link
 * io.fundamentallm.springai.FundamentaLlmChatOptions}; they replace the generator's. A sampler
 * beside single values, such as a temperature, is refused.</td></tr>
 * <tr><td>{@code toolChoice}, {@code parallelToolCalls}, {@code thinkingBudget}, {@code
 * templateArguments}</td><td>of the same; see {@link io.fundamentallm.text.ChatPrompt}</td></tr>
 * </table>
 *
 * <p>What a prompt does not set is taken from the model's own options. A value out of range is an
 * {@link IllegalArgumentException}; a stage that is not on the class path (they come with {@code
 * fundamentallm-samplers}) is a {@link io.fundamentallm.ProviderException} that names the artifact;
 * a conversation that by itself does not fit into the model's context is a {@link
 * io.fundamentallm.model.ContextFullException}, unless the generator has a {@link
 * io.fundamentallm.decoding.ContextPolicy} that shortens it. A schema, tools or a budget of
 * thinking take the place of a constraint that the generator has of its own. Time limit, prefix
 * cache and all other {@link io.fundamentallm.decoding.DecodingOptions} are the generator's.
 *
 * <h2>What a response says</h2>
 *
 * <p>Usage counts the tokens of the laid-out conversation and those generated, including a final
 * end token. What the model thought is apart from the text: all of it in the message's metadata
 * {@code reasoningContent}, in a stream in pieces in the generation's metadata {@code thinking},
 * and all of it in the last message. The finish reason is {@code TOOL_CALLS} if the answer calls
 * tools; else {@code STOP} after an end token or anything else the caller set to stop at, {@code
 * LENGTH} if the limit of tokens or the context was reached, and {@code OTHER} after a time limit
 * or an endless repetition. In a stream, the last response has them.
 */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.springai;
