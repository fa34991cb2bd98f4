package io.fundamentallm.webservice.answer;

import io.fundamentallm.chat.ChatPart;
import io.fundamentallm.decoding.FinishReason;
import io.fundamentallm.webservice.answer.Answer.Piece;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Interfaces that write an answer as a list of blocks, one after the other: what is thought, what
 * is said, and each call.
 */
abstract class BlockFormat extends Format {
  enum Kind {
    THINKING,
    TEXT,
    CALL
  }

  /** One of them, so far. */
  static final class Block {
    final Kind kind;
    final int index;
    final String id;
    final String name;
    final StringBuilder text = new StringBuilder();

    /** Whether it is a call that has ended. */
    boolean called;

    Block(Kind kind, int index, String id, String name) {
      this.kind = kind;
      this.index = index;
      this.id = id;
      this.name = name;
    }
  }

  private final List<Block> blocks = new ArrayList<>();
  private @Nullable Block open;
  private boolean begun;
  private @Nullable FinishReason finish;

  /** The events before the first block. */
  abstract List<byte[]> start(Answer answer);

  abstract List<byte[]> begin(Block block);

  abstract List<byte[]> more(Block block, String text);

  abstract List<byte[]> end(Block block);

  /** The events after the last block. */
  abstract List<byte[]> finish(Answer answer);

  /** The whole answer, from its blocks. */
  abstract Object whole(Answer answer);

  final List<Block> blocks() {
    return blocks;
  }

  final @Nullable FinishReason finishReason() {
    return finish;
  }

  /** Whether tools are called, and no call was cut off: whoever reads so runs them all. */
  final boolean hasCalls() {
    List<Block> calls = blocks.stream().filter(block -> block.kind == Kind.CALL).toList();
    return !calls.isEmpty() && calls.stream().allMatch(call -> call.called);
  }

  @Override
  final Object complete(List<Piece> pieces, Answer answer) {
    pieces.forEach(piece -> events(piece, answer));
    close();
    return whole(answer);
  }

  @Override
  final List<byte[]> events(Piece piece, Answer answer) {
    List<byte[]> events = new ArrayList<>();
    if (!begun) {
      begun = true;
      events.addAll(start(answer));
    }
    for (ChatPart part : piece.parts()) {
      if (part instanceof ChatPart.Text more) {
        events.addAll(add(Kind.TEXT, more.text()));
      } else if (part instanceof ChatPart.Thinking more) {
        events.addAll(add(Kind.THINKING, more.text()));
      } else if (part instanceof ChatPart.CallBegin call) {
        events.addAll(opened(Kind.CALL, call.id(), call.name()));
      } else if (part instanceof ChatPart.CallArguments more) {
        events.addAll(add(Kind.CALL, more.json()));
      } else if (part instanceof ChatPart.CallEnd) {
        if (open != null) {
          open.called = true;
        }
        events.addAll(close());
      }
    }
    if (piece.finish() != null) {
      finish = piece.finish();
    }
    return events;
  }

  private List<byte[]> add(Kind kind, String text) {
    if (text.isEmpty()) {
      return List.of();
    }
    List<byte[]> events = new ArrayList<>();
    Block block = open;
    if (block == null || block.kind != kind) {
      events.addAll(opened(kind, "", ""));
      block = blocks.get(blocks.size() - 1);
    }
    block.text.append(text);
    events.addAll(more(block, text));
    return events;
  }

  private List<byte[]> opened(Kind kind, String id, String name) {
    List<byte[]> events = new ArrayList<>(close());
    Block block = new Block(kind, blocks.size(), id, name);
    blocks.add(block);
    open = block;
    events.addAll(begin(block));
    return events;
  }

  private List<byte[]> close() {
    Block block = open;
    open = null;
    return block == null ? List.of() : end(block);
  }

  @Override
  final List<byte[]> ending(Answer answer) {
    List<byte[]> events = new ArrayList<>();
    if (!begun) {
      begun = true;
      events.addAll(start(answer));
    }
    events.addAll(close());
    events.addAll(finish(answer));
    return events;
  }
}
