package io.equator.model.expression;

import io.equator.model.error.ApiError;
import io.equator.model.item.EncodedItem;
import io.equator.model.item.EncodedValue;
import io.equator.model.item.ItemCursor;
import io.equator.model.item.ItemEncoder;
import io.equator.model.item.ValueLayer;
import io.equator.model.item.ValueProblem;
import io.equator.model.item.ValueType;
import io.equator.proto.Path;
import io.equator.proto.PathElement;
import io.equator.proto.PathValue;
import io.equator.proto.SetAction;
import io.equator.proto.Update;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An update ready to be applied to items. Immutable.
 *
 * <p>In two steps. First each action is evaluated against the item as it was: what will stand at
 * its path, or that nothing will. Then one walk copies the item and puts the outcomes in their
 * places; attributes that the update does not name are copied as bytes. So every right-hand side
 * sees the old item, list indexes mean the old positions, removed elements close ranks, and
 * elements set beyond a list's end are appended in the order of their indexes.
 */
public final class CompiledUpdate {
  private final boolean legacy;
  private final List<Path> paths;
  private final Action[] actions;
  private final PathTree tree;

  private CompiledUpdate(boolean legacy, List<Path> paths, Action[] actions) {
    this.legacy = legacy;
    this.paths = paths;
    this.actions = actions;
    this.tree = PathTree.of(paths);
  }

  /** Compiles the message of an update. */
  public static CompiledUpdate of(Update update) {
    List<Path> paths = ExpressionPaths.changedBy(update);
    List<Action> actions = new ArrayList<>(paths.size());
    for (SetAction set : update.getSetsList()) {
      actions.add(new Action.Set(Target.of(set.getPath()), SetSource.of(set.getValue())));
    }
    for (Path remove : update.getRemovesList()) {
      actions.add(new Action.Remove(Target.of(remove)));
    }
    for (PathValue add : update.getAddsList()) {
      actions.add(new Action.Add(Target.of(add.getPath()), EncodedValue.wrap(add.getValue())));
    }
    for (PathValue delete : update.getDeletesList()) {
      actions.add(
          new Action.Delete(Target.of(delete.getPath()), EncodedValue.wrap(delete.getValue())));
    }
    return new CompiledUpdate(update.getLegacy(), paths, actions.toArray(Action[]::new));
  }

  /**
   * Applies the update.
   *
   * @param old the item before; the key attributes alone when there is none
   */
  public UpdateResult apply(EncodedItem old) {
    UpdateFaults faults = new UpdateFaults(legacy);
    @Nullable EncodedValue[] outcomes = new EncodedValue[actions.length];
    for (int i = 0; i < actions.length; i++) {
      actions[i].target().check(old, faults);
      outcomes[i] = actions[i].outcome(old, faults);
    }
    String fault = faults.message();
    if (fault != null) {
      return new UpdateResult.Refused(ApiError.validation(fault));
    }
    Writer writer = new Writer(outcomes, faults.encoder);
    writer.fields(tree, new ItemCursor(old));
    ValueProblem problem = writer.encoder.problem();
    if (problem != null) {
      return new UpdateResult.Refused(ApiError.validation(problem.message(ValueLayer.CURRENT)));
    }
    return new UpdateResult.Updated(writer.encoder.finish(), this);
  }

  /** Cuts what the update names out of an item. */
  public CompiledProjection touched() {
    return CompiledProjection.of(paths);
  }

  /** Where an action writes. */
  private record Target(CompiledPath path, @Nullable CompiledPath parent, ValueType parentType) {
    static Target of(Path path) {
      int last = path.getElementsCount() - 1;
      boolean index = path.getElements(last).getElementCase() == PathElement.ElementCase.INDEX;
      return new Target(
          CompiledPath.of(path),
          last == 0 ? null : CompiledPath.parentOf(path),
          index ? ValueType.L : ValueType.M);
    }

    void check(EncodedItem item, UpdateFaults faults) {
      if (parent != null) {
        EncodedValue container = parent.read(item);
        if (container == null) {
          faults.missingContainer();
        } else if (container.type() != parentType) {
          faults.wrongContainer();
        }
      }
    }
  }

  /** One action of the update. */
  private sealed interface Action {
    Target target();

    /** What will stand at the target; null when nothing will, or when there is a fault. */
    @Nullable EncodedValue outcome(EncodedItem old, UpdateFaults faults);

    record Set(Target target, SetSource source) implements Action {
      @Override
      public @Nullable EncodedValue outcome(EncodedItem old, UpdateFaults faults) {
        return source.value(old, faults);
      }
    }

    record Remove(Target target) implements Action {
      @Override
      public @Nullable EncodedValue outcome(EncodedItem old, UpdateFaults faults) {
        return null;
      }
    }

    record Add(Target target, EncodedValue value) implements Action {
      @Override
      public @Nullable EncodedValue outcome(EncodedItem old, UpdateFaults faults) {
        EncodedValue existing = target.path().read(old);
        if (existing == null) {
          return value;
        }
        if (existing.type() != value.type()) {
          faults.incorrectType();
          return null;
        }
        return switch (value.type()) {
          case N -> faults.sum(existing.number(), value.number(), true);
          case SS, NS, BS -> SetOperations.union(existing, value);
          case L -> SetSource.append(existing, value, faults.encoder);
          case S, B, BOOL, NULL, M -> {
            faults.incorrectType();
            yield null;
          }
        };
      }
    }

    record Delete(Target target, EncodedValue value) implements Action {
      @Override
      public @Nullable EncodedValue outcome(EncodedItem old, UpdateFaults faults) {
        EncodedValue existing = target.path().read(old);
        if (existing == null) {
          return null;
        }
        if (existing.type() != value.type() || !value.type().isSet()) {
          faults.incorrectType();
          return null;
        }
        return SetOperations.difference(existing, value);
      }
    }
  }

  /** Copies an item with the outcomes in their places. */
  private static final class Writer {
    private final @Nullable EncodedValue[] outcomes;
    private final ItemEncoder encoder;

    Writer(@Nullable EncodedValue[] outcomes, ItemEncoder encoder) {
      this.outcomes = outcomes;
      this.encoder = encoder;
      encoder.begin();
    }

    /** Writes the attributes or entries that the cursor is before, and the new ones after them. */
    void fields(PathTree node, ItemCursor cursor) {
      boolean[] seen = new boolean[node.fieldCount()];
      while (cursor.next()) {
        int field = node.fieldNumber(cursor);
        if (field < 0) {
          encoder.entry(cursor);
          continue;
        }
        seen[field] = true;
        PathTree child = node.field(field);
        if (!child.isLeaf()) {
          encoder.name(cursor.array(), cursor.nameOffset(), cursor.nameLength());
          container(child, cursor);
        } else {
          field(node.name(field), child);
        }
      }
      for (int i = 0; i < seen.length; i++) {
        if (!seen[i]) {
          field(node.name(i), node.field(i));
        }
      }
    }

    private void field(byte[] name, PathTree leaf) {
      EncodedValue outcome = outcomes[leaf.leaf()];
      if (outcome != null) {
        encoder.name(name, 0, name.length);
        encoder.value(outcome);
      }
    }

    /** Writes the map or list at which the cursor stands; the targets' checks saw its type. */
    private void container(PathTree node, ItemCursor cursor) {
      if (cursor.type() == ValueType.M) {
        cursor.enter();
        encoder.beginMap();
        fields(node, cursor);
        encoder.endMap();
      } else {
        cursor.enter();
        encoder.beginList();
        elements(node, cursor);
        encoder.endList();
      }
      cursor.leave();
    }

    private void elements(PathTree node, ItemCursor cursor) {
      int at = 0;
      while (cursor.next()) {
        PathTree child = node.indexes().get(at++);
        if (child == null) {
          encoder.value(cursor.value());
        } else if (child.isLeaf()) {
          element(child);
        } else {
          container(child, cursor);
        }
      }
      for (Map.Entry<Integer, PathTree> entry : node.indexes().tailMap(at, true).entrySet()) {
        element(entry.getValue());
      }
    }

    private void element(PathTree leaf) {
      EncodedValue outcome = outcomes[leaf.leaf()];
      if (outcome != null) {
        encoder.value(outcome);
      }
    }
  }
}
