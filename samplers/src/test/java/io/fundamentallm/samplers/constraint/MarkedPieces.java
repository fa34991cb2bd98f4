package io.fundamentallm.samplers.constraint;

import io.fundamentallm.text.ChatNotation;
import io.fundamentallm.text.ChatTemplate;
import io.fundamentallm.text.SpecialTokens;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.text.Vocabulary;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A tokenizer of a chat model: all bytes, some pieces that lie across the borders of calls, and
 * special tokens, the first of which ends a text. Splits texts by the longest piece that fits.
 */
class MarkedPieces implements Tokenizer {
  private static final List<String> PIECES =
      List.of(
          "{\"", "\":", "\": ", "\", \"", ">{\"", "}\n<", "}}", "\"}", "</", "<tool", "name", "[{",
          "}]", ", ", "\n\n", "true", "false", "null", "12", "0.", "é", "😀", "think>", " the",
          "[\"", "\"]", "('", "')", "='", "})", "```", ":{", "\n}");

  private final List<byte[]> bytes = new ArrayList<>();
  private final List<String> special;
  private final Map<String, Integer> ids = new HashMap<>();
  private final Set<Integer> specialIds;
  private final ChatTemplate template;

  MarkedPieces(List<String> special, ChatTemplate template) {
    this.special = List.copyOf(special);
    this.template = template;
    for (int i = 0; i < 256; i++) {
      bytes.add(new byte[] {(byte) i});
    }
    PIECES.forEach(piece -> bytes.add(piece.getBytes(StandardCharsets.UTF_8)));
    for (int i = 0; i < special.size(); i++) {
      ids.put(special.get(i), bytes.size() + i);
    }
    specialIds = Set.copyOf(ids.values());
  }

  /** A template that writes roles and contents, and what an answer begins with. */
  static ChatTemplate template(String answer, boolean thinks) {
    return new ChatTemplate() {
      @Override
      public String render(
          List<io.fundamentallm.text.ChatMessage> messages, boolean addGenerationPrompt) {
        return messages.stream()
                .map(message -> message.role() + ": " + message.content() + "\n")
                .collect(Collectors.joining())
            + (addGenerationPrompt ? "assistant: " + answer : "");
      }

      @Override
      public ChatNotation notation() {
        return ChatNotation.HERMES;
      }

      @Override
      public boolean thinks() {
        return thinks;
      }
    };
  }

  int end() {
    return bytes.size();
  }

  @Override
  public int[] encode(CharSequence text, SpecialTokens allowed) {
    String rest = text.toString();
    List<Integer> tokens = new ArrayList<>();
    for (int at = 0; at < rest.length(); ) {
      String here = rest.substring(at);
      Optional<String> marker =
          special.stream().filter(s -> allowed.allows(s) && here.startsWith(s)).findFirst();
      if (marker.isPresent()) {
        tokens.add(ids.get(marker.get()));
        at += marker.get().length();
        continue;
      }
      int best = -1;
      for (int i = 0; i < PIECES.size(); i++) {
        String piece = PIECES.get(i);
        if (here.startsWith(piece) && (best < 0 || piece.length() > PIECES.get(best).length())) {
          best = i;
        }
      }
      int length = Character.charCount(rest.codePointAt(at));
      if (best >= 0) {
        tokens.add(256 + best);
        length = PIECES.get(best).length();
      } else {
        for (byte b : rest.substring(at, at + length).getBytes(StandardCharsets.UTF_8)) {
          tokens.add(b & 0xFF);
        }
      }
      at += length;
    }
    return tokens.stream().mapToInt(Integer::intValue).toArray();
  }

  @Override
  public byte[] bytes(int token) {
    return token < bytes.size()
        ? bytes.get(token).clone()
        : special.get(token - bytes.size()).getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public Optional<ChatTemplate> chatTemplate() {
    return Optional.of(template);
  }

  @Override
  public void save(Path modelDirectory) {
    throw new UnsupportedOperationException();
  }

  /** What tokens spell, special ones too. */
  String written(List<Integer> tokens) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    tokens.forEach(token -> out.writeBytes(bytes(token)));
    return out.toString(StandardCharsets.UTF_8);
  }

  @Override
  public Vocabulary vocabulary() {
    return new Vocabulary() {
      @Override
      public int size() {
        return bytes.size() + special.size();
      }

      @Override
      public String token(int id) {
        return id < bytes.size()
            ? new String(bytes.get(id), StandardCharsets.ISO_8859_1)
            : special.get(id - bytes.size());
      }

      @Override
      public OptionalInt id(String token) {
        Integer id = ids.get(token);
        return id == null ? OptionalInt.empty() : OptionalInt.of(id);
      }

      @Override
      public OptionalInt eos() {
        return OptionalInt.of(bytes.size());
      }

      @Override
      public Set<Integer> special() {
        return specialIds;
      }
    };
  }
}
