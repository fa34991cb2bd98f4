package io.fundamentallm.tokenizers.huggingface;

import io.fundamentallm.text.EncodingOptions;
import io.fundamentallm.text.EncodingOptions.Padding;
import io.fundamentallm.text.EncodingOptions.Side;
import io.fundamentallm.text.EncodingOptions.Strategy;
import io.fundamentallm.text.EncodingOptions.Truncation;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.tokenizers.chat.TemplateMarkers;
import io.fundamentallm.tokenizers.json.JsonTree;
import io.fundamentallm.tokenizers.model.ByteStrings;
import io.fundamentallm.tokenizers.model.Symbols;
import io.fundamentallm.tokenizers.pipeline.AddedToken;
import io.fundamentallm.tokenizers.pipeline.AddedTokens;
import io.fundamentallm.tokenizers.pipeline.Pipeline;
import io.fundamentallm.tokenizers.pipeline.PipelineTokenizer;
import io.fundamentallm.tokenizers.pipeline.TokenForms;
import io.fundamentallm.tokenizers.text.Normalizer;
import io.fundamentallm.tokenizers.text.PrintableBytes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Builds a tokenizer from what its files say. */
public final class HuggingFaceTokenizer {
  /** How begin tokens are written, where no file names one. */
  static final List<String> BEGINS = List.of("<|begin|>", "<s>", "<|begin_of_text|>", "<bos>");

  /** More than any model's context, so that a file cannot make every short text huge. */
  private static final int MAX_PADDING = 1 << 24;

  private final TokenizerJson json;
  private final TokenizerConfig config;
  private final boolean byteLevel;
  private final Map<Integer, String> odd = new HashMap<>();

  private HuggingFaceTokenizer(TokenizerJson json, TokenizerConfig config) throws IOException {
    this.json = json;
    this.config = config;
    byteLevel =
        mentionsByteLevel(json.components().get("pre_tokenizer"), "pretokenizers")
            || mentionsByteLevel(json.components().get("normalizer"), "normalizers");
  }

  /** The tokenizer of these files. */
  public static Tokenizer of(TokenizerJson json, TokenizerConfig config) throws IOException {
    return new HuggingFaceTokenizer(json, config).assemble();
  }

  private static boolean mentionsByteLevel(JsonTree component, String steps) throws IOException {
    if (component.isNull()) {
      return false;
    }
    if (component.get("type").text().equals("ByteLevel")) {
      return true;
    }
    if (component.get("type").text().equals("Sequence")) {
      for (JsonTree step : component.get(steps).list()) {
        if (mentionsByteLevel(step, steps)) {
          return true;
        }
      }
    }
    return false;
  }

  private AddedTokens addedTokens(
      List<AddedToken> added, Set<String> control, @Nullable Normalizer normalizer)
      throws IOException {
    try {
      return new AddedTokens(added, control, normalizer);
    } catch (IllegalArgumentException e) {
      throw json.components().get("normalizer").error(String.valueOf(e.getMessage()));
    }
  }

  private Tokenizer assemble() throws IOException {
    Map<String, Integer> roles = roles();
    List<AddedToken> added = added(roles);
    Set<String> control = control(added);
    ByteStrings strings = strings(added, control);
    Normalizer normalizer = Components.normalizer(withoutByteLevel());
    AddedTokens addedTokens = addedTokens(added, control, normalizer);
    Set<Integer> special = new HashSet<>();
    added.stream().filter(addedTokens::isControl).map(AddedToken::id).forEach(special::add);
    TokenForms forms =
        new TokenForms(
            strings,
            byteLevel,
            odd,
            special,
            new TokenForms.Roles(
                roles.get("bos_token"),
                roles.get("eos_token"),
                roles.get("pad_token"),
                roles.containsKey("unk_token") ? roles.get("unk_token") : modelUnk()));
    JsonTree components = config.boundaries().within(json.components(), forms, json.file());
    JsonTree preTokenizer = components.get("pre_tokenizer");
    Models.Built model = Models.of(json, strings, byteLevel, special);
    return new PipelineTokenizer(
        new Pipeline(
            addedTokens,
            normalizer,
            model.model() instanceof Symbols && Components.cutsEveryCharacter(preTokenizer)
                ? null
                : Components.preTokenizer(preTokenizer),
            model.model(),
            PostProcessors.of(components.get("post_processor"), forms),
            TokenDecoders.of(components.get("decoder"), forms, byteLevel),
            strings,
            forms,
            config.template(),
            stored(),
            new TokenizerFiles(json, components, config, added, forms, model),
            json.modelType() + " tokenizer, " + forms.size() + " tokens"));
  }

  /** Text stays bytes here, so that the normalizer of that name has nothing to do. */
  private JsonTree withoutByteLevel() throws IOException {
    return json.components().get("normalizer").without("normalizers", "ByteLevel");
  }

  /** Each token's bytes. Those that must never be found in text are hidden. */
  private ByteStrings strings(List<AddedToken> added, Set<String> control) {
    Set<Integer> hidden = new HashSet<>();
    for (AddedToken token : added) {
      odd.put(token.id(), token.content());
      if (token.special() || control.contains(token.content()) || !inModel(token.content())) {
        hidden.add(token.id());
      }
    }
    ByteStrings.Builder strings = new ByteStrings.Builder(json.forms().length);
    for (int id = 0; id < json.forms().length; id++) {
      String form = json.forms()[id];
      if (form == null) {
        strings.add(0, true); // no token has the id
        continue;
      } else if (form.isEmpty()) {
        odd.put(id, form); // still a token
      }
      boolean hide = hidden.contains(id);
      if (byteLevel && inModel(form)) {
        byte[] buffer = strings.reserve(form.length());
        int at = strings.at();
        int size = 0;
        while (size < form.length()) {
          int b = PrintableBytes.read(form.charAt(size));
          if (b < 0) {
            break;
          }
          buffer[at + size++] = (byte) b;
        }
        if (size == form.length()) {
          // a byte is an initial symbol, whatever else it may stand for
          strings.add(size, hide && size > 1);
          continue;
        }
        odd.put(id, form);
        hide = true; // no text has these bytes in this alphabet
      }
      strings.add(form.getBytes(StandardCharsets.UTF_8), hide);
    }
    return strings.build();
  }

  private boolean inModel(String form) {
    return json.ids().containsKey(form);
  }

  /** The ids of the tokens that the configuration names, or that have the usual form. */
  private Map<String, Integer> roles() throws IOException {
    Map<String, @Nullable String> named = new LinkedHashMap<>();
    if (config.present()) {
      named.put("bos_token", config.bos());
      named.put("eos_token", config.eos());
      named.put("pad_token", config.pad());
      named.put("unk_token", config.unk());
    } else {
      named.put("bos_token", special(BEGINS));
      named.put(
          "eos_token",
          special(
              List.of(
                  "<|end|>", "</s>", "<|endoftext|>", "<|end_of_text|>", "<eos>", "<|im_end|>")));
      named.put("pad_token", special(List.of("<|pad|>", "<pad>", "[PAD]")));
      named.put("unk_token", special(List.of("<|unk|>", "<unk>", "[UNK]")));
    }
    Map<String, Integer> roles = new HashMap<>();
    for (Map.Entry<String, @Nullable String> role : named.entrySet()) {
      String form = role.getValue();
      if (form != null) {
        Integer id = id(form);
        if (id == null) {
          throw new IOException(
              config.file()
                  + ", "
                  + role.getKey()
                  + ": \""
                  + form
                  + "\" is not a special token of "
                  + json.file().getFileName());
        }
        roles.put(role.getKey(), id);
      }
    }
    return roles;
  }

  /** What the model itself says about unknown text. */
  private @Nullable Integer modelUnk() throws IOException {
    JsonTree id = json.model().get("unk_id");
    if (!id.isNull()) {
      return id.integer(0, json.forms().length - 1);
    }
    String form = json.model().get("unk_token").textOrNull();
    return form == null ? null : json.ids().get(form);
  }

  private @Nullable String special(List<String> common) {
    for (String form : common) {
      for (AddedToken token : json.added()) {
        if (token.special() && token.content().equals(form)) {
          return form;
        }
      }
    }
    return null;
  }

  private @Nullable Integer id(String form) {
    Integer id = json.ids().get(form);
    if (id == null) {
      for (AddedToken token : json.added()) {
        if (token.content().equals(form)) {
          return token.id();
        }
      }
    }
    return id;
  }

  /** Tokens with a role are special, even if only the configuration says so. */
  private List<AddedToken> added(Map<String, Integer> roles) {
    Map<Integer, AddedToken> added = new LinkedHashMap<>();
    json.added().forEach(token -> added.put(token.id(), token));
    for (int id : roles.values()) {
      AddedToken token = added.get(id);
      if (token == null) {
        added.put(id, AddedToken.special(id, String.valueOf(json.forms()[id])));
      } else if (!token.special()) {
        added.put(
            id,
            new AddedToken(
                id,
                token.content(),
                token.singleWord(),
                token.lstrip(),
                token.rstrip(),
                token.normalized(),
                true));
      }
    }
    return new ArrayList<>(added.values());
  }

  /** Ordinary tokens that the chat template writes as markers. */
  private Set<String> control(List<AddedToken> added) {
    String template = config.chatTemplate();
    List<String> ordinary =
        added.stream().filter(token -> !token.special()).map(AddedToken::content).toList();
    return template == null
        ? Set.of()
        : TemplateMarkers.among(ordinary, template, config.templateVariables());
  }

  /** The truncation and padding sections, which apply only if a caller asks for them. */
  private EncodingOptions stored() throws IOException {
    EncodingOptions.Builder options = EncodingOptions.builder().addSpecialTokens(true);
    JsonTree truncation = json.components().get("truncation");
    if (!truncation.isNull()) {
      int length = truncation.get("max_length").integer(1, Integer.MAX_VALUE);
      options.truncation(
          new Truncation(
              length,
              truncation.get("stride").integer(0, length - 1),
              strategy(truncation.get("strategy")),
              side(truncation.get("direction"))));
    }
    JsonTree padding = json.components().get("padding");
    if (!padding.isNull()) {
      JsonTree fixed = padding.get("strategy");
      JsonTree multiple = padding.get("pad_to_multiple_of");
      options.padding(
          new Padding(
              fixed.isObject() ? fixed.get("Fixed").integer(0, MAX_PADDING) : 0,
              multiple.isNull() ? 1 : Math.max(1, multiple.integer(0, MAX_PADDING)),
              side(padding.get("direction")),
              padding.get("pad_id").integer(0, json.forms().length - 1),
              padding.get("pad_type_id").integer(0, Integer.MAX_VALUE)));
    }
    return options.build();
  }

  private static Strategy strategy(JsonTree json) throws IOException {
    return switch (json.isNull() ? "LongestFirst" : json.text()) {
      case "LongestFirst" -> Strategy.LONGEST_FIRST;
      case "OnlyFirst" -> Strategy.ONLY_FIRST;
      case "OnlySecond" -> Strategy.ONLY_SECOND;
      default -> throw json.expected("LongestFirst, OnlyFirst or OnlySecond");
    };
  }

  private static Side side(JsonTree json) throws IOException {
    return switch (json.isNull() ? "Right" : json.text()) {
      case "Left" -> Side.LEFT;
      case "Right" -> Side.RIGHT;
      default -> throw json.expected("Left or Right");
    };
  }
}
