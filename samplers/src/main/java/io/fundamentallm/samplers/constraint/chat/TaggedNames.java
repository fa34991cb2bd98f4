package io.fundamentallm.samplers.constraint.chat;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import com.google.common.collect.Maps;
import io.fundamentallm.internal.chat.ArgumentTags;
import io.fundamentallm.internal.chat.ArgumentTypes;
import io.fundamentallm.internal.chat.ArgumentTypes.Kind;
import io.fundamentallm.internal.chat.ChatSyntax;
import io.fundamentallm.samplers.constraint.automaton.JsonNames;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The names of the objects in arguments between tags: each argument that is JSON is followed from
 * its first byte to its last, and the answer's text likewise if it has a schema. Immutable.
 */
final class TaggedNames implements AnswerNames {
  /** The longest name of a tool. */
  private static final int NAME = 64;

  private enum Place {
    /** Between calls. */
    TEXT,
    /** In the answer's text, which is JSON. */
    DOCUMENT,
    TOOL,
    BETWEEN,
    ARGUMENT,
    BEFORE_VALUE,
    VALUE
  }

  /**
   * What is looked for in each place.
   *
   * @param tags of an argument
   * @param document whether the text between calls is one
   * @param call begins one
   * @param argument begins one, or ends the call, or begins another
   * @param named behind an argument's name: of JSON, of a text
   * @param behindName how many bytes that has
   * @param value before a value; null if nothing is
   * @param end behind it
   * @param types of each tool's arguments
   */
  private record Follow(
      ArgumentTags tags,
      boolean document,
      FreeText call,
      FreeText argument,
      FreeText named,
      int behindName,
      @Nullable FreeText value,
      FreeText end,
      Map<String, ArgumentTypes> types) {}

  /** A name's bytes so far, the last one first. */
  private record Name(int last, int length, @Nullable Name before) {
    /** The name without its last bytes. */
    static String without(@Nullable Name name, int bytes) {
      byte[] written = new byte[name == null ? 0 : name.length()];
      for (Name rest = name; rest != null; rest = rest.before()) {
        written[rest.length() - 1] = (byte) rest.last();
      }
      return new String(written, 0, Math.max(0, written.length - bytes), UTF_8).strip();
    }
  }

  private final Follow follow;
  private final Place place;
  private final int state;
  private final @Nullable Name name;
  private final @Nullable ArgumentTypes types;

  /** Of the value; null where there is none, or one that is a text. */
  private final @Nullable JsonNames names;

  private TaggedNames(
      Follow follow,
      Place place,
      int state,
      @Nullable Name name,
      @Nullable ArgumentTypes types,
      @Nullable JsonNames names) {
    this.follow = follow;
    this.place = place;
    this.state = state;
    this.name = name;
    this.types = types;
    this.names = names;
  }

  /** Before the first byte of an answer. */
  static TaggedNames of(AnswerSpec spec, MarkerBytes markers) {
    ChatSyntax.Call call = spec.syntax().call();
    ArgumentTags tags = call.tags();
    List<String> begin = call.before().isEmpty() ? spec.syntax().open() : List.of(call.before());
    List<String> between = new ArrayList<>(List.of(tags.name(), call.after()));
    between.addAll(begin);
    Follow follow =
        new Follow(
            tags,
            spec.isJson(),
            text(begin, markers),
            text(between, markers),
            text(List.of(tags.json(), tags.text()), markers),
            markers.bytes(tags.json()).length,
            tags.value().isEmpty() ? null : text(List.of(tags.value()), markers),
            text(List.of(tags.end()), markers),
            Map.copyOf(Maps.transformValues(spec.tools(), ArgumentTypes::of)));
    return new TaggedNames(follow, Place.TEXT, 0, null, null, null).outside();
  }

  private static FreeText text(List<String> markers, MarkerBytes bytes) {
    Stream<String> looked = markers.stream().distinct();
    return new FreeText(
        looked.map(marker -> new FreeText.Pattern(bytes.bytes(marker), null)).toList());
  }

  private TaggedNames in(Place next, @Nullable JsonNames begun) {
    return new TaggedNames(follow, next, 0, null, types, begun);
  }

  /** Between calls, where a document may be. */
  private TaggedNames outside() {
    return follow.document() ? in(Place.DOCUMENT, JsonNames.BEGIN) : in(Place.TEXT, null);
  }

  @Override
  public boolean isAtText() {
    return place == Place.TEXT || (place == Place.DOCUMENT && names != null && !names.isOpen());
  }

  private TaggedNames at(int next) {
    return new TaggedNames(follow, place, next, null, types, names);
  }

  private static Name name(@Nullable Name before, int value) {
    return new Name(value, before == null ? 1 : before.length() + 1, before);
  }

  @Override
  public @Nullable TaggedNames after(int value) {
    return switch (place) {
      case TEXT -> text(value);
      case DOCUMENT -> document(value);
      case TOOL -> tool(value);
      case BETWEEN -> between(value);
      case ARGUMENT -> argument(value);
      case BEFORE_VALUE -> beforeValue(value);
      case VALUE -> value(value);
    };
  }

  private TaggedNames text(int value) {
    int next = follow.call().after(state, value);
    if (follow.call().end(next) >= 0) {
      return in(Place.TOOL, null);
    }
    return next == state ? this : at(next);
  }

  private @Nullable TaggedNames document(int value) {
    if (names == null) {
      return this; // behind it, or in one that is a text
    }
    if (!names.isOpen() && value != '{' && value != '[') {
      TaggedNames next = text(value); // some markers have quotes
      boolean begins = value == '"' && next.place == Place.DOCUMENT && next.state == 0;
      return begins ? in(Place.DOCUMENT, null) : next;
    }
    JsonNames after = names.after(value);
    if (after == null) {
      return null;
    }
    return in(Place.DOCUMENT, after.isOpen() ? after : null);
  }

  private @Nullable TaggedNames tool(int value) {
    boolean part = Character.isLetterOrDigit(value) || value == '_' || value == '-' || value == '.';
    if (value < 0x80 && part && (name == null || name.length() < NAME)) {
      return new TaggedNames(follow, place, 0, name(name, value), null, null);
    } else if (name == null && value <= ' ') {
      return this;
    }
    ArgumentTypes known = follow.types().get(Name.without(name, 0));
    TaggedNames then = new TaggedNames(follow, Place.BETWEEN, 0, null, known, null);
    return (known == null ? outside() : then).after(value);
  }

  private TaggedNames between(int value) {
    int next = follow.argument().after(state, value);
    return switch (follow.argument().end(next)) {
      case -1 -> next == state ? this : at(next);
      case 0 -> in(Place.ARGUMENT, null);
      case 1 -> outside();
      default -> in(Place.TOOL, null);
    };
  }

  private TaggedNames argument(int value) {
    Name more = name(name, value);
    int next = follow.named().after(state, value);
    int end = follow.named().end(next);
    if (end < 0) {
      return new TaggedNames(follow, place, next, more, types, null);
    }
    boolean json =
        follow.tags().sayWhatIsText()
            ? end == 0
            : types != null && types.kind(Name.without(more, follow.behindName())) == Kind.JSON;
    return in(
        follow.value() == null ? Place.VALUE : Place.BEFORE_VALUE, json ? JsonNames.BEGIN : null);
  }

  private TaggedNames beforeValue(int value) {
    FreeText tag = requireNonNull(follow.value());
    int next = tag.after(state, value);
    return tag.end(next) < 0 ? at(next) : in(Place.VALUE, names);
  }

  private @Nullable TaggedNames value(int value) {
    int next = follow.end().after(state, value);
    if (follow.end().end(next) >= 0) {
      return in(Place.BETWEEN, null);
    }
    JsonNames inside = names == null ? null : names.after(value);
    if (names != null && inside == null) {
      return null;
    }
    return next == state && inside == names
        ? this
        : new TaggedNames(follow, place, next, null, types, inside);
  }

  @Override
  public int quotesToRepeat() {
    return names == null ? 3 : names.quotesToRepeat();
  }
}
