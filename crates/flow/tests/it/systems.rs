//! The shipped systems: their files are right, and what they need is there.

use std::path::Path;

#[test]
fn every_shipped_file_is_read_and_its_table_is_there_or_fetched_by_a_command() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../systems");
    let mut seen = 0;
    for entry in std::fs::read_dir(root).unwrap() {
        let folder = entry.unwrap().path();
        let text = std::fs::read_to_string(folder.join("arkwright.toml")).unwrap();
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let header = arkwright_flow::file::Header::read(arkwright_flow::file::read(&text).unwrap(), &name).unwrap();
        assert_eq!(header.name, name);
        assert!(folder.join("README.md").exists() && folder.join("SOURCE.md").exists(), "{name}");
        seen += 1;
    }
    assert!(seen >= 4);
}
