/**
 * LangChain4j's models on top of a {@link io.fundamentallm.TextGenerator}: a {@link
 * io.fundamentallm.langchain4j.FundamentaLlmChatModel}, which answers in one go, a {@link
 * io.fundamentallm.langchain4j.FundamentaLlmStreamingChatModel}, which answers piece by piece, a
 * {@link io.fundamentallm.langchain4j.FundamentaLlmLanguageModel}, which continues a prompt, and a
 * {@link io.fundamentallm.langchain4j.FundamentaLlmEmbeddingModel}; beside them a {@link
 * io.fundamentallm.langchain4j.FundamentaLlmTokenCountEstimator}.
 *
 * <p>All of them are immutable and thread-safe. The generator remains its owner's: any number of
 * these models may share it, none of them closes it, and after it is closed they fail with {@link
 * IllegalStateException}. Simultaneous requests share passes over the weights.
 *
 * <h2>What becomes of a chat request</h2>
 *
 * <p>Messages are laid out by the chat template in the model's files: those of the system, the user
 * and the AI, in the roles {@code system}, {@code user} and {@code assistant}. The texts of a
 * user's message are joined by line ends; names and attributes are left out. Calls of tools, their
 * results in the role {@code tool}, and an AI's thinking are laid out as the template does.
 * Contents other than text and custom messages are refused with {@link
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
 * <tr><td>{@code responseFormat}</td><td>JSON, with or without a schema: the text of the answer is
 * valid, unless a limit or a stop sequence of the request cut it off; there is at most one character
 * of white space between its parts. Thinking may come before it, and calls of tools in its
 * place.</td></tr>
 * <tr><td>{@code toolSpecifications}, {@code toolChoice}</td><td>the tools that the answer may
 * call, several at once, in the model's own notation; every call is valid under its tool's schema.
 * {@code REQUIRED}: it calls one before it says anything.</td></tr>
 * <tr><td>{@code modelName}</td><td>must be the adapter's own, one that its builder added, or
 * absent; others are refused with {@link
 * dev.langchain4j.exception.UnsupportedFeatureException}</td></tr>
 * <tr><td>{@code seed}, {@code sampler}, {@code decoder}</td><td>of {@link
 * io.fundamentallm.langchain4j.FundamentaLlmChatRequestParameters}; they replace the generator's. A
 * sampler beside single values, such as a temperature, is refused.</td></tr>
 * <tr><td>{@code thinkingBudget}, {@code parallelToolCalls}, {@code templateArguments}</td><td>of
 * the same; see {@link io.fundamentallm.text.ChatPrompt}</td></tr>
 * </table>
 *
 * <p>A value out of range is an {@link IllegalArgumentException}; a stage that is not on the class
 * path (they come with {@code fundamentallm-samplers}) is a {@link
 * io.fundamentallm.ProviderException} that names the artifact; a conversation that by itself does
 * not fit into the model's context is a {@link io.fundamentallm.model.ContextFullException}, unless
 * the generator has a {@link io.fundamentallm.decoding.ContextPolicy} that shortens it. A format,
 * tools or a budget of thinking take the place of a constraint that the generator has of its own.
 * Time limit, prefix cache and all other {@link io.fundamentallm.decoding.DecodingOptions} are the
 * generator's.
 *
 * <h2>What a response says</h2>
 *
 * <p>A unique id, and the name of the model that answered. Token usage counts the tokens of the
 * laid-out conversation and those generated, including a final end token. What the model thought is
 * apart from the text. The finish reason is {@code TOOL_EXECUTION} if the answer calls tools; else
 * {@code STOP} after an end token or anything else the caller set to stop at, {@code LENGTH} if the
 * limit of tokens or the context was reached, and {@code OTHER} after a time limit or an endless
 * repetition.
 */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.langchain4j;
