package io.fundamentallm.webservice.request;

import io.fundamentallm.TextEmbedder;
import io.fundamentallm.TextGenerator;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.Capability;
import io.fundamentallm.text.ChatMessage;
import io.fundamentallm.text.ChatPrompt;
import io.fundamentallm.text.ChatTemplate;
import io.fundamentallm.text.SpecialTokens;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.webservice.error.ApiException;
import io.fundamentallm.webservice.json.Fields;
import io.fundamentallm.webservice.model.ServedModel;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * Requests that need no continuation: {@code /tokenize} and {@code /detokenize} as vLLM has them,
 * {@code /v1/embeddings} as OpenAI has it. Thread-safe.
 */
final class TokenRequests {
  private static final int INPUTS = 256;

  private final ServedModel model;

  TokenRequests(ServedModel model) {
    this.model = model;
  }

  /** The tokens of a text, or of a conversation as the model's template lays it out. */
  Object tokenize(Fields fields) {
    fields.text("model"); // that this is it, is known by now
    TextGenerator generator = model.generator();
    Tokenizer tokenizer = generator.tokenizer();
    int[] tokens;
    if (fields.value("messages") != null) {
      List<ChatMessage> messages = ChatMessages.read(fields);
      JsonNode prompt = fields.value("add_generation_prompt");
      boolean open = prompt == null || fields.flag("add_generation_prompt");
      ChatTemplate template =
          tokenizer
              .chatTemplate()
              .orElseThrow(
                  () -> ApiException.invalid("messages", "this model has no chat template"));
      tokens = tokens(tokenizer, template, messages, open);
    } else {
      String text = fields.text("prompt");
      if (text == null) {
        throw fields.bad("prompt", "is missing: a string; or 'messages'");
      }
      fields.requireWhole("prompt", text);
      JsonNode special = fields.value("add_special_tokens");
      boolean added = special == null || fields.flag("add_special_tokens");
      tokens =
          added && !text.isEmpty()
              ? generator.promptTokens(text)
              : tokenizer.encode(text, SpecialTokens.none());
    }
    fields.requireAllRead();
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("count", tokens.length);
    answer.put("max_model_len", generator.model().info().contextLength());
    answer.put("tokens", Arrays.stream(tokens).boxed().toList());
    return answer;
  }

  private static int[] tokens(
      Tokenizer tokenizer, ChatTemplate template, List<ChatMessage> messages, boolean open) {
    try {
      return tokenizer.encode(template.segments(ChatPrompt.of(messages), open));
    } catch (IllegalArgumentException e) {
      throw ApiException.invalid("messages", "the model's template refuses: " + e.getMessage());
    }
  }

  /** The text of tokens. */
  Object detokenize(Fields fields) {
    fields.text("model"); // that this is it, is known by now
    Tokenizer tokenizer = model.generator().tokenizer();
    JsonNode ids = fields.value("tokens");
    if (ids == null) {
      throw fields.bad("tokens", "is missing: an array of token ids");
    }
    int[] tokens = TokenIds.read(fields, "tokens", ids, tokenizer);
    fields.requireAllRead();
    return Map.of("prompt", tokenizer.decode(tokens));
  }

  /** A vector for each text. */
  Object embed(Fields fields, Cancellation cancellation) {
    fields.text("model"); // that this is it, is known by now
    fields.text("user");
    List<String> texts = fields.texts("input", INPUTS);
    fields.oneOf("encoding_format", "float", "base64");
    boolean base64 = "base64".equals(fields.text("encoding_format"));
    int size = model.generator().model().info().hiddenSize();
    Long dimensions = fields.integer("dimensions", 1, Integer.MAX_VALUE);
    if (dimensions != null && dimensions != size) {
      throw fields.bad("dimensions", "must be " + size + ", which this model has, or left out");
    }
    fields.requireAllRead();
    if (texts.isEmpty() || texts.stream().anyMatch(String::isEmpty)) {
      throw fields.bad("input", "must be a text, or an array of texts, none of them empty");
    }
    if (!model.generator().model().info().capabilities().contains(Capability.HIDDEN_STATES)) {
      throw ApiException.invalid("model", "this model gives no hidden states to embed texts by");
    }
    TextEmbedder embedder =
        TextEmbedder.of(model.generator().tokenizer(), model.generator().model())
            .withCancellation(cancellation);
    int tokens = 0;
    int max = model.generator().model().info().contextLength();
    for (String text : texts) {
      cancellation.throwIfCancelled();
      fields.requireWhole("input", text);
      tokens += count(embedder, text, max);
    }
    return embedded(embedder.embedAll(texts), base64, tokens);
  }

  /** How many tokens are read; a text far too long is not encoded to its end. */
  private int count(TextEmbedder embedder, String text, int max) {
    int[] start = model.generator().tokenizer().encode(text, SpecialTokens.none(), max + 1);
    try {
      if (start.length <= max) {
        return embedder.count(text);
      }
    } catch (IllegalArgumentException e) {
      // the tokens around it are too many
    }
    throw ContextLength.exceeded("input", max, "more than " + max);
  }

  private Object embedded(float[][] vectors, boolean base64, int tokens) {
    List<Object> data = new ArrayList<>();
    for (int i = 0; i < vectors.length; i++) {
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("object", "embedding");
      entry.put("index", i);
      entry.put("embedding", base64 ? base64(vectors[i]) : vectors[i]);
      data.add(entry);
    }
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("object", "list");
    answer.put("data", data);
    answer.put("model", model.name());
    answer.put("usage", Map.of("prompt_tokens", tokens, "total_tokens", tokens));
    return answer;
  }

  /** Little-endian floats, as OpenAI's clients read them. */
  private static String base64(float[] vector) {
    ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * vector.length);
    bytes.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(vector);
    return Base64.getEncoder().encodeToString(bytes.array());
  }
}
