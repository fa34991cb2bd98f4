package io.fundamentallm.webservice;

import io.fundamentallm.Registry;
import io.fundamentallm.spi.DecoderProvider;
import io.fundamentallm.spi.Provider;
import io.fundamentallm.spi.SamplerProvider;
import io.fundamentallm.webservice.answer.Answering;
import io.fundamentallm.webservice.answer.ChatFormat;
import io.fundamentallm.webservice.answer.CompletionFormat;
import io.fundamentallm.webservice.answer.MessagesFormat;
import io.fundamentallm.webservice.answer.ResponsesFormat;
import io.fundamentallm.webservice.model.ServedModel;
import io.fundamentallm.webservice.request.ChatRequests;
import io.fundamentallm.webservice.request.CompletionRequests;
import io.fundamentallm.webservice.request.MessagesRequests;
import io.fundamentallm.webservice.request.ResponsesRequests;
import io.fundamentallm.webservice.request.TokenRequests;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/** The addresses of OpenAI's interface, and of what others added to it. */
@RestController
class Endpoints {
  private final ServedModel model;
  private final Answering answering;
  private final CompletionRequests completions;
  private final ChatRequests chats;
  private final MessagesRequests messages;
  private final ResponsesRequests responses;
  private final TokenRequests tokens;

  Endpoints(
      ServedModel model,
      Answering answering,
      CompletionRequests completions,
      ChatRequests chats,
      MessagesRequests messages,
      ResponsesRequests responses,
      TokenRequests tokens) {
    this.messages = messages;
    this.responses = responses;
    this.tokens = tokens;
    this.model = model;
    this.answering = answering;
    this.completions = completions;
    this.chats = chats;
  }

  @PostMapping("/v1/completions")
  Mono<Void> complete(ServerWebExchange exchange) {
    return answering.answer(exchange, completions::read, plan -> new CompletionFormat(model, plan));
  }

  @PostMapping("/v1/chat/completions")
  Mono<Void> chat(ServerWebExchange exchange) {
    return answering.answer(exchange, chats::read, plan -> new ChatFormat(model, plan));
  }

  @PostMapping("/v1/messages")
  Mono<Void> message(ServerWebExchange exchange) {
    return answering.answer(exchange, messages::read, plan -> new MessagesFormat(model));
  }

  @PostMapping("/v1/responses")
  Mono<Void> respond(ServerWebExchange exchange) {
    return answering.answer(exchange, responses::read, plan -> new ResponsesFormat(model));
  }

  @PostMapping("/v1/embeddings")
  Mono<Void> embed(ServerWebExchange exchange) {
    return answering.compute(exchange, tokens::embed);
  }

  @PostMapping("/tokenize")
  Mono<Void> tokenize(ServerWebExchange exchange) {
    return answering.compute(exchange, tokens::tokenize);
  }

  @PostMapping("/detokenize")
  Mono<Void> detokenize(ServerWebExchange exchange) {
    return answering.compute(exchange, tokens::detokenize);
  }

  /** What clients can write as {@code sampler} and {@code decoder}. */
  @GetMapping("/v1/samplers")
  Map<String, Object> samplers() {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("object", "list");
    all.put("data", names(SamplerProvider.class, "sampler"));
    all.put("decoders", names(DecoderProvider.class, "decoder"));
    all.put("default", model.generator().options().sampler().toString());
    return all;
  }

  private static <P extends Provider> List<Object> names(Class<P> kind, String object) {
    return Registry.standard().all(kind).stream()
        .map(Provider::name)
        .distinct()
        .sorted()
        .<Object>map(name -> Map.of("id", name, "object", object))
        .toList();
  }

  @GetMapping("/v1/models")
  Map<String, Object> models() {
    Map<String, Object> list = new LinkedHashMap<>();
    list.put("object", "list");
    list.put("data", List.of(described()));
    return list;
  }

  /** Names may have slashes, which clients write as they are or encoded. */
  @GetMapping("/v1/models/{*name}")
  Map<String, Object> model(@PathVariable("name") String path) {
    model.require(path.substring(1));
    return described();
  }

  private Map<String, Object> described() {
    Map<String, Object> described = new LinkedHashMap<>();
    described.put("id", model.name());
    described.put("object", "model");
    described.put("created", model.created());
    described.put("owned_by", "fundamentallm");
    described.put("max_model_len", model.generator().model().info().contextLength()); // as vLLM's
    described.put("capabilities", capabilities());
    return described;
  }

  /** By the names that Ollama has for them, but for {@code chat}. */
  private List<String> capabilities() {
    List<String> all = new ArrayList<>(List.of("completion"));
    model
        .generator()
        .tokenizer()
        .chatTemplate()
        .ifPresent(
            template -> {
              all.addAll(List.of("chat", "tools"));
              if (template.thinks()) {
                all.add("thinking");
              }
            });
    return all;
  }
}
