package io.fundamentallm.langchain4j;

import static java.util.Objects.requireNonNull;
import static java.util.Objects.requireNonNullElse;

import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.DefaultChatRequestParameters;
import io.fundamentallm.TextGenerator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the builders of both chat models have in common. */
abstract class ChatModelBuilder<B extends ChatModelBuilder<B>> {
  private final TextGenerator generator;
  private @Nullable String modelName;
  private ChatRequestParameters defaults = DefaultChatRequestParameters.EMPTY;
  private List<ChatModelListener> listeners = List.of();
  private final Map<String, TextGenerator> others = new LinkedHashMap<>();

  ChatModelBuilder(TextGenerator generator) {
    this.generator = generator;
  }

  abstract B self();

  /**
   * The name of the model in requests, responses and listeners, such as the name of its directory.
   * By default its architecture, such as {@code llama}.
   */
  public B modelName(String modelName) {
    this.modelName = requireNonNull(modelName, "modelName");
    return self();
  }

  /**
   * Adds a model that answers the requests whose {@code modelName} is this name.
   *
   * @param generator must be closed by the caller, as the first one
   */
  public B model(String name, TextGenerator generator) {
    others.put(requireNonNull(name, "name"), requireNonNull(generator, "generator"));
    return self();
  }

  /**
   * What applies where a request does not say. What a request may not ask for is refused here too,
   * when the model is built.
   */
  public B defaultRequestParameters(ChatRequestParameters defaults) {
    this.defaults = requireNonNull(defaults, "defaults");
    return self();
  }

  /** The listeners to notify of requests, responses and errors, in this order. */
  public B listeners(List<ChatModelListener> listeners) {
    this.listeners = List.copyOf(listeners);
    return self();
  }

  final ChatRequests requests() {
    String name = requireNonNullElse(modelName, generator.model().info().architecture());
    Map<String, TextGenerator> generators = new LinkedHashMap<>(others);
    if (generators.put(name, generator) != null) {
      throw new IllegalArgumentException(
          "two models have the name \"" + name + "\"; give one of them another");
    }
    return ChatRequests.of(generators, name, defaults, listeners);
  }
}
