package io.fundamentallm.runtime.cpu.reference;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** SentencePiece's BPE by score over llama2.c's list of pieces, as llama2.c goes about it. */
final class Stories260KTokenizer {
  private static final int BYTES = 3; // ids of the 256 bytes begin here

  private final List<String> pieces;
  private final float[] scores;

  private Stories260KTokenizer(List<String> pieces, float[] scores) {
    this.pieces = pieces;
    this.scores = scores;
  }

  /** Reads the longest piece's length, then score, length and bytes of each piece. */
  static Stories260KTokenizer read(Path file) throws IOException {
    ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    in.getInt();
    List<String> pieces = new ArrayList<>();
    List<Float> scores = new ArrayList<>();
    while (in.hasRemaining()) {
      scores.add(in.getFloat());
      byte[] bytes = new byte[in.getInt()];
      in.get(bytes);
      pieces.add(new String(bytes, StandardCharsets.UTF_8));
    }
    float[] values = new float[scores.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = scores.get(i);
    }
    return new Stories260KTokenizer(pieces, values);
  }

  List<Integer> encode(String text) {
    List<Integer> tokens = new ArrayList<>();
    (" " + text).codePoints().forEach(character -> add(Character.toString(character), tokens));
    while (true) {
      int best = -1;
      int merged = -1;
      for (int i = 0; i + 1 < tokens.size(); i++) {
        int id = pieces.indexOf(pieces.get(tokens.get(i)) + pieces.get(tokens.get(i + 1)));
        if (id >= 0 && (merged < 0 || scores[id] > scores[merged])) {
          best = i;
          merged = id;
        }
      }
      if (merged < 0) {
        return tokens;
      }
      tokens.set(best, merged);
      tokens.remove(best + 1);
    }
  }

  private void add(String character, List<Integer> tokens) {
    int id = pieces.indexOf(character);
    if (id >= 0) {
      tokens.add(id);
      return;
    }
    for (byte b : character.getBytes(StandardCharsets.UTF_8)) {
      tokens.add(BYTES + (b & 255));
    }
  }

  /** The text after a begin token, whose first space is none of its own. */
  String decode(List<Integer> tokens) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int token : tokens) {
      if (token >= BYTES && token < BYTES + 256) {
        out.write(token - BYTES);
      } else {
        out.writeBytes(pieces.get(token).getBytes(StandardCharsets.UTF_8));
      }
    }
    String text = out.toString(StandardCharsets.UTF_8);
    return text.startsWith(" ") ? text.substring(1) : text;
  }

  /** Writes the section of a GGUF file that converters of SentencePiece models write. */
  void write(GgufFile file) {
    List<String> tokens = new ArrayList<>(List.of("<unk>", "<s>", "</s>"));
    int[] types = new int[pieces.size()];
    types[0] = 2;
    types[1] = 3;
    types[2] = 3;
    for (int id = BYTES; id < pieces.size(); id++) {
      boolean raw = id < BYTES + 256;
      types[id] = raw ? 6 : 1;
      tokens.add(
          raw
              ? String.format(Locale.ROOT, "<0x%02X>", id - BYTES)
              : pieces.get(id).replace(' ', '\u2581'));
    }
    GgufConversion.tokenizer(file, "llama", tokens, scores, types);
  }
}
