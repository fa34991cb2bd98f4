package io.fundamentallm.webservice;

import io.fundamentallm.webservice.answer.Answering;
import io.fundamentallm.webservice.answer.ChatFormat;
import io.fundamentallm.webservice.answer.CompletionFormat;
import io.fundamentallm.webservice.model.ServedModel;
import io.fundamentallm.webservice.request.ChatRequests;
import io.fundamentallm.webservice.request.CompletionRequests;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/** The addresses of OpenAI's interface. */
@RestController
class Endpoints {
  private final ServedModel model;
  private final Answering answering;
  private final CompletionRequests completions;
  private final ChatRequests chats;

  Endpoints(
      ServedModel model, Answering answering, CompletionRequests completions, ChatRequests chats) {
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
    return described;
  }
}
