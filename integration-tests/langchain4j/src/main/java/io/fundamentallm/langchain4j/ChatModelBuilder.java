package io.fundamentallm.langchain4j;

import static java.util.Objects.requireNonNull;

import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.DefaultChatRequestParameters;
import io.fundamentallm.TextGenerator;
import java.util.List;

/** What the builders of both chat models collect. */
abstract class ChatModelBuilder<B extends ChatModelBuilder<B>> {
  private final TextGenerator generator;
  private ChatRequestParameters defaults = DefaultChatRequestParameters.EMPTY;
  private List<ChatModelListener> listeners = List.of();

  ChatModelBuilder(TextGenerator generator) {
    this.generator = generator;
  }

  abstract B self();

  /**
   * What applies where a request says nothing. The model is called by its {@code modelName}, or
   * else by its architecture, such as {@code llama}.
   */
  public B defaultRequestParameters(ChatRequestParameters defaults) {
    this.defaults = requireNonNull(defaults, "defaults");
    return self();
  }

  /** Who hears of requests, responses and errors, in this order. */
  public B listeners(List<ChatModelListener> listeners) {
    this.listeners = List.copyOf(listeners);
    return self();
  }

  final ChatRequests requests() {
    return ChatRequests.of(generator, defaults, listeners);
  }
}
