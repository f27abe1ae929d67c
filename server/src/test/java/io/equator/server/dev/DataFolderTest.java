package io.equator.server.dev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.equator.server.Refusal;
import io.equator.server.dev.DataFolder.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A data folder belongs to one process, keeps its shape, and is not opened by what cannot read it.
 */
class DataFolderTest {

  private static final Shape SHAPE = new Shape("eu-central-1", 3, 4);

  @TempDir private Path temporary;

  @Test
  void remembersItsShape() throws IOException {
    Path path = temporary.resolve("a/b");
    try (DataFolder folder = DataFolder.open(path)) {
      assertThat(folder.shape()).isEmpty();
      folder.describe(SHAPE);
    }
    try (DataFolder folder = DataFolder.open(path)) {
      assertThat(folder.shape()).contains(SHAPE);
    }
  }

  @Test
  void readsAFolderOfAnEarlierBuild() throws IOException {
    Files.writeString(
        temporary.resolve("cluster.properties"),
        "format=1\nversion=0.1\nregion=local\nnodes=3\npartitions=1\nraft.ports=1,2,3\n");
    try (DataFolder folder = DataFolder.open(temporary)) {
      assertThat(folder.shape()).contains(new Shape("local", 3, 1));
    }
  }

  @Test
  void isNotSharedWithAnotherUser() throws IOException {
    try (DataFolder folder = DataFolder.open(temporary)) {
      assertThatThrownBy(() -> DataFolder.open(temporary))
          .isInstanceOf(Refusal.class)
          .hasMessage(
              "the data folder "
                  + folder.path()
                  + " is in use by process "
                  + ProcessHandle.current().pid()
                  + "; stop it, or choose another folder with --data.");
    }
  }

  @Test
  void writtenByANewerVersionIsNotOpened() throws IOException {
    Files.writeString(
        temporary.resolve("cluster.properties"),
        "format=2\nversion=7.1\nnodes=1\nsomething-new=x\n");
    try (DataFolder folder = DataFolder.open(temporary)) {
      assertThatThrownBy(folder::shape)
          .isInstanceOf(Refusal.class)
          .hasMessageContaining("was written by a newer version of Equator (7.1, format 2;");
    }
  }

  @Test
  void aDamagedDescriptionNamesTheKey() throws IOException {
    Files.writeString(
        temporary.resolve("cluster.properties"), "format=1\nregion=local\nnodes=many\n");
    try (DataFolder folder = DataFolder.open(temporary)) {
      assertThatThrownBy(folder::shape)
          .isInstanceOf(Refusal.class)
          .hasMessageContaining("has no usable nodes;");
    }
  }

  @Test
  void aFileInThePlaceOfTheFolderIsOneSentence() throws IOException {
    Path file = Files.createFile(temporary.resolve("file"));
    assertThatThrownBy(() -> DataFolder.open(file))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("the data folder " + file + " cannot be used: ");
  }

  @Test
  void aTemporaryFolderIsGoneAfterwards() throws IOException {
    Path path;
    try (DataFolder folder = DataFolder.temporary()) {
      path = folder.path();
      Files.createDirectories(folder.node(1).resolve("x"));
      Files.writeString(folder.node(1).resolve("x/y"), "z");
    }
    assertThat(path).doesNotExist();
  }
}
