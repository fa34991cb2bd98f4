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
import io.fundamentallm.webservice.model.ModelDescription;
import io.fundamentallm.webservice.model.Models;
import io.fundamentallm.webservice.model.ServedModel;
import io.fundamentallm.webservice.request.ModelRequests;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/** The addresses of OpenAI's interface, and of what others added to it. */
@RestController
class Endpoints {
  private final Models models;
  private final Answering answering;

  Endpoints(Models models, Answering answering) {
    this.models = models;
    this.answering = answering;
  }

  @PostMapping("/v1/completions")
  Mono<Void> complete(ServerWebExchange exchange) {
    return answering.answer(
        exchange, "text_completion", ModelRequests::completion, CompletionFormat::new);
  }

  @PostMapping("/v1/chat/completions")
  Mono<Void> chat(ServerWebExchange exchange) {
    return answering.answer(exchange, "chat", ModelRequests::chat, ChatFormat::new);
  }

  @PostMapping("/v1/messages")
  Mono<Void> message(ServerWebExchange exchange) {
    return answering.answer(
        exchange, "chat", ModelRequests::message, (model, plan) -> new MessagesFormat(model));
  }

  @PostMapping("/v1/responses")
  Mono<Void> respond(ServerWebExchange exchange) {
    return answering.answer(
        exchange,
        "chat",
        ModelRequests::response,
        (model, plan) -> new ResponsesFormat(model, plan.repeated()));
  }

  @PostMapping("/v1/embeddings")
  Mono<Void> embed(ServerWebExchange exchange) {
    return answering.compute(exchange, "embeddings", ModelRequests::embed);
  }

  @PostMapping("/tokenize")
  Mono<Void> tokenize(ServerWebExchange exchange) {
    return answering.compute(exchange, "tokenize", ModelRequests::tokenize);
  }

  @PostMapping("/detokenize")
  Mono<Void> detokenize(ServerWebExchange exchange) {
    return answering.compute(exchange, "detokenize", ModelRequests::detokenize);
  }

  /** What clients can write as {@code sampler} and {@code decoder}. */
  @GetMapping("/v1/samplers")
  Map<String, Object> samplers() {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("object", "list");
    all.put("data", names(SamplerProvider.class, "sampler"));
    all.put("decoders", names(DecoderProvider.class, "decoder"));
    all.put("default", models.first().generator().options().sampler().toString());
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
    list.put("data", models.all().stream().map(this::described).toList());
    return list;
  }

  /** Names may have slashes, which clients write as they are or encoded. */
  @GetMapping("/v1/models/{*name}")
  Map<String, Object> model(@PathVariable("name") String path) {
    return described(models.describe(path.substring(1)));
  }

  private Map<String, Object> described(ModelDescription model) {
    Map<String, Object> described = new LinkedHashMap<>();
    described.put("id", model.name());
    described.put("object", "model");
    described.put("created", model.created());
    described.put("owned_by", "fundamentallm");
    Optional<ServedModel> loaded = models.loaded(model.name());
    OptionalInt context =
        loaded.isPresent()
            ? OptionalInt.of(loaded.get().generator().model().info().contextLength())
            : model.contextLength();
    context.ifPresent(length -> described.put("max_model_len", length)); // as vLLM's
    described.put("capabilities", model.capabilities());
    described.put("loaded", loaded.isPresent());
    return described;
  }
}
