package io.fundamentallm.chat;

import io.fundamentallm.chat.AnswerLayout.Markers;
import io.fundamentallm.chat.AnswerLayout.Tags;
import io.fundamentallm.internal.chat.ArgumentTags;
import io.fundamentallm.internal.chat.ArgumentTypes;
import io.fundamentallm.internal.chat.Marker;
import io.fundamentallm.text.ChatTool;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Reads a call whose arguments stand between tags, and tells them as JSON. Where the tag behind a
 * value is missing, the end of the section ends it, or a tag with special tokens, which no value
 * has; other tags may be part of a text.
 */
final class TaggedCall implements CallReader {
  private enum Place {
    NAME,
    BETWEEN,
    KEY,
    BEFORE_VALUE,
    VALUE
  }

  private final Tags tags;
  private final Marker after;
  private final Marker close;
  private final ArgumentTags written;
  private final List<ChatTool> tools;
  private final CallListener listener;
  private final Runnable endOfSection;
  private final StringBuilder name = new StringBuilder();
  private final StringBuilder key = new StringBuilder();
  private final StringBuilder arguments = new StringBuilder();
  private final StringBuilder pending = new StringBuilder();
  private final StringBuilder kinds = new StringBuilder();
  private ArgumentTypes types = ArgumentTypes.of(null);
  private Place place = Place.NAME;
  private @Nullable TaggedValue value;
  private boolean hasArguments;
  private boolean ended;

  /**
   * Before the name.
   *
   * @param endOfSection hears of it, if it comes before the end of the call
   */
  TaggedCall(
      Markers markers,
      ArgumentTags written,
      List<ChatTool> tools,
      CallListener listener,
      Runnable endOfSection) {
    tags = markers.tags();
    after = markers.after();
    close = markers.close();
    this.written = written;
    this.tools = tools;
    this.listener = listener;
    this.endOfSection = endOfSection;
  }

  @Override
  public boolean append(char c, char kind) {
    if (place == Place.NAME) {
      if (NamedCall.isNamePart(c, kind)) {
        name.append(c);
        return false;
      }
      begin();
    }
    pending.append(c);
    kinds.append(kind);
    while (pending.length() > 0 && !isWaiting()) {
      plain(pending.charAt(0), kinds.charAt(0));
      drop(1);
    }
    return ended;
  }

  private void begin() {
    place = Place.BETWEEN;
    tools.stream()
        .filter(tool -> tool.name().contentEquals(name))
        .forEach(tool -> types = ArgumentTypes.of(tool.schema()));
    listener.begin(name.toString());
    write("{");
  }

  /** Whether what is pending may become the marker that comes next, or was it. */
  private boolean isWaiting() {
    return switch (place) {
      case KEY -> is(tags.text(), () -> named(true)) || is(tags.json(), () -> named(false));
      case BEFORE_VALUE -> is(tags.value(), () -> place = Place.VALUE);
      case VALUE -> is(tags.end(), this::endValue) || isBehind(this::isNeverText);
      default -> isBehind(marker -> true);
    };
  }

  /** Whether what is pending may become, or was, one of these that come behind a value. */
  private boolean isBehind(Predicate<Marker> looked) {
    return (looked.test(after) && is(after, this::end))
        || (close.length() > 0 && looked.test(close) && is(close, this::endSection))
        || (looked.test(tags.name()) && is(tags.name(), this::beginArgument));
  }

  /** Whether no text has it. */
  private boolean isNeverText(Marker marker) {
    return marker.equals(close.length() > 0 ? close : after)
        || marker.kinds().indexOf(Marker.SPECIAL_BEGIN) >= 0;
  }

  private boolean is(Marker marker, Runnable then) {
    if (!marker.agrees(pending, kinds)) {
      return false;
    }
    if (pending.length() >= marker.length()) {
      drop(marker.length());
      then.run();
    }
    return true;
  }

  private void plain(char c, char kind) {
    if (kind != Marker.TEXT) {
      return; // another special token, which has no text
    }
    if (place == Place.KEY) {
      key.append(c);
    } else if (place == Place.VALUE && value != null) {
      value.append(c);
    }
  }

  private void named(boolean asText) {
    String argument = key.toString().strip();
    key.setLength(0);
    place = tags.value().length() == 0 ? Place.VALUE : Place.BEFORE_VALUE;
    ArgumentTypes.Kind kind = types.kind(argument);
    if (written.sayWhatIsText()) {
      kind = asText ? ArgumentTypes.Kind.TEXT : ArgumentTypes.Kind.JSON;
    }
    StringBuilder json = new StringBuilder(hasArguments ? ", \"" : "\"");
    hasArguments = true;
    argument.chars().forEach(c -> JsonText.append((char) c, json));
    write(json.append("\": ").toString());
    value = new TaggedValue(kind, written.line(), this::write);
  }

  private void beginArgument() {
    endValue();
    place = Place.KEY;
  }

  private void endValue() {
    place = Place.BETWEEN;
    if (value != null) {
      value.end();
      value = null;
    }
  }

  private void endSection() {
    end();
    endOfSection.run();
  }

  private void end() {
    endValue();
    write("}");
    listener.end(name.toString(), arguments.toString());
    ended = true;
  }

  private void write(String json) {
    arguments.append(json);
    listener.arguments(json);
  }

  private void drop(int characters) {
    pending.delete(0, characters);
    kinds.delete(0, characters);
  }
}
