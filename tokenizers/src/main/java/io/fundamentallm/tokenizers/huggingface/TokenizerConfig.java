package io.fundamentallm.tokenizers.huggingface;

import com.fasterxml.jackson.core.JsonToken;
import io.fundamentallm.text.ChatTemplate;
import io.fundamentallm.text.Vocabulary;
import io.fundamentallm.tokenizers.chat.JinjaChatTemplate;
import io.fundamentallm.tokenizers.json.JsonFile;
import io.fundamentallm.tokenizers.json.JsonSource;
import io.fundamentallm.tokenizers.json.JsonTree;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * {@code tokenizer_config.json}: which token has which role, and the chat template.
 *
 * @param file where it is
 * @param present whether it is there
 * @param bos begins a text; null for none
 * @param eos ends a text; null for none
 * @param pad fills up; null for none
 * @param unk stands for what cannot be represented; null for none
 * @param boundaries what stands around a text
 * @param lowerCase BERT's {@code do_lower_case}
 * @param chatTemplate the template's text; null for none
 * @param templateFile where that text is
 */
public record TokenizerConfig(
    Path file,
    boolean present,
    @Nullable String bos,
    @Nullable String eos,
    @Nullable String pad,
    @Nullable String unk,
    Boundaries boundaries,
    boolean lowerCase,
    @Nullable String chatTemplate,
    Path templateFile) {
  /** The name of the file in a model directory. */
  public static final String NAME = "tokenizer_config.json";

  /** A template beside it, as newer models have it. */
  private static final String TEMPLATE = "chat_template.jinja";

  private static final long MAX_TEMPLATE_BYTES = 1 << 20;

  /** Reads the file in a directory, if there is one. */
  public static TokenizerConfig in(Path directory) throws IOException {
    Path file = directory.resolve(NAME);
    Map<String, String> texts = new LinkedHashMap<>();
    Map<String, Boolean> switches = new HashMap<>();
    boolean present = Files.isRegularFile(file);
    if (present) {
      read(file, texts, switches);
    }
    Path template = directory.resolve(TEMPLATE);
    boolean apart = Files.isRegularFile(template);
    if (apart) {
      if (Files.size(template) > MAX_TEMPLATE_BYTES) {
        throw new IOException(
            template + " has more than the " + MAX_TEMPLATE_BYTES + " bytes that are read");
      }
      try {
        texts.put("chat_template", Files.readString(template, StandardCharsets.UTF_8));
      } catch (CharacterCodingException e) {
        throw new IOException(template + ": malformed UTF-8", e);
      }
    }
    return new TokenizerConfig(
        file,
        present,
        texts.get("bos_token"),
        texts.get("eos_token"),
        texts.get("pad_token"),
        texts.get("unk_token"),
        new Boundaries(
            switches.get("add_bos_token"),
            switches.get("add_eos_token"),
            Boundaries.followedBy(texts.get("tokenizer_class"))),
        switches.getOrDefault("do_lower_case", true),
        texts.get("chat_template"),
        apart ? template : file);
  }

  /** With the vocabulary's tokens in the roles that the file does not give. */
  public TokenizerConfig withRoles(Vocabulary vocabulary) {
    return new TokenizerConfig(
        file,
        present,
        role(bos, vocabulary.bos(), vocabulary),
        role(eos, vocabulary.eos(), vocabulary),
        role(pad, vocabulary.pad(), vocabulary),
        role(unk, vocabulary.unk(), vocabulary),
        boundaries,
        lowerCase,
        chatTemplate,
        templateFile);
  }

  private static @Nullable String role(
      @Nullable String named, OptionalInt token, Vocabulary vocabulary) {
    return named != null || token.isEmpty() ? named : vocabulary.token(token.getAsInt());
  }

  /** The chat template, if there is one. */
  public Optional<ChatTemplate> template() {
    return chatTemplate == null
        ? Optional.empty()
        : Optional.of(new JinjaChatTemplate(chatTemplate, templateVariables(), templateFile));
  }

  /** The tokens with a role by the names that a chat template has for them. */
  public Map<String, String> templateVariables() {
    Map<String, String> variables = new HashMap<>();
    put(variables, "bos_token", bos);
    put(variables, "eos_token", eos);
    put(variables, "pad_token", pad);
    put(variables, "unk_token", unk);
    return variables;
  }

  private static void put(Map<String, String> map, String key, @Nullable String value) {
    if (value != null) {
      map.put(key, value);
    }
  }

  private static void read(Path file, Map<String, String> texts, Map<String, Boolean> switches)
      throws IOException {
    try (JsonSource source = JsonSource.open(file)) {
      source.next();
      source.enterObject("the configuration");
      for (String key; (key = source.nextKey()) != null; ) {
        switch (key) {
          case "bos_token", "eos_token", "pad_token", "unk_token" -> {
            String form = token(source, key);
            if (form != null) {
              texts.put(key, form);
            }
          }
          case "chat_template" -> {
            String template = template(JsonTree.read(source, file, key));
            if (template != null) {
              texts.put(key, template);
            }
          }
          case "tokenizer_class" -> {
            JsonTree name = JsonTree.read(source, file, key);
            if (name.isText()) {
              texts.put(key, name.text());
            }
          }
          case "do_lower_case", "add_bos_token", "add_eos_token" -> {
            JsonTree flag = JsonTree.read(source, file, key);
            if (!flag.isNull()) {
              switches.put(key, flag.flag(true));
            }
          }
          default -> source.skip();
        }
      }
      source.requireEnd();
    }
  }

  /** A text, or the default of a list of named ones. */
  private static @Nullable String template(JsonTree json) throws IOException {
    if (!json.isList()) {
      return json.textOrNull();
    }
    String first = null;
    for (JsonTree named : json.list()) {
      String template = named.get("template").text();
      if (named.get("name").text().equals("default")) {
        return template;
      }
      first = first == null ? template : first;
    }
    return first;
  }

  /** A string, null, or an object with the string as its content. */
  private static @Nullable String token(JsonSource source, String role) throws IOException {
    if (source.current() == JsonToken.START_OBJECT) {
      String form = null;
      for (String key; (key = source.nextKey()) != null; ) {
        if (key.equals("content")) {
          form = source.string(role);
        } else {
          source.skip();
        }
      }
      return form;
    }
    return source.current() == JsonToken.VALUE_NULL ? null : source.string(role);
  }

  /** Writes the file. */
  public static void write(
      Path directory,
      @Nullable String bos,
      @Nullable String eos,
      @Nullable String pad,
      @Nullable String unk,
      @Nullable String chatTemplate)
      throws IOException {
    JsonFile.write(
        directory.resolve(NAME),
        json -> {
          json.writeStartObject();
          json.writeStringField("tokenizer_class", "PreTrainedTokenizerFast");
          json.writeBooleanField("clean_up_tokenization_spaces", false);
          json.writeStringField("bos_token", bos);
          json.writeStringField("eos_token", eos);
          json.writeStringField("pad_token", pad);
          json.writeStringField("unk_token", unk);
          if (chatTemplate != null) {
            json.writeStringField("chat_template", chatTemplate);
          }
          json.writeEndObject();
        });
  }
}
