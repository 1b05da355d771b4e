//! Soft links of an HDF5 file that lead nowhere: the reader leaves them out without a word.

use hdf5_reader::btree_v1::collect_btree_v1_leaves_storage;
use hdf5_reader::error::Error;
use hdf5_reader::group::Group;
use hdf5_reader::io::Cursor;
use hdf5_reader::local_heap::LocalHeap;
use hdf5_reader::messages::HdfMessage;
use hdf5_reader::messages::link::LinkTarget;
use hdf5_reader::object_header::ObjectHeader;
use hdf5_reader::symbol_table::SymbolTableNode;

/// Soft links in a symbol table say so with this type.
const SOFT: u32 = 2;

/// The names of the soft links in a group, wherever they lead. Those of a group with so many links
/// that they stand in a tree of their own are not looked for.
pub(super) fn soft_links(group: &Group) -> Result<Vec<String>, Error> {
    let (storage, offset, length) = (group.storage(), group.offset_size(), group.length_size());
    let mut names = Vec::new();
    for message in &ObjectHeader::parse_at_storage(storage, group.address(), offset, length)?.messages {
        match message {
            HdfMessage::Link(link) if matches!(link.target, LinkTarget::Soft { .. }) => names.push(link.name.clone()),
            HdfMessage::SymbolTable(table) => {
                let heap = LocalHeap::parse_at_storage(storage, table.heap_address, offset, length)?;
                let leaves = collect_btree_v1_leaves_storage(storage, table.btree_address, offset, length, None, &[], None)?;
                for (_, node) in leaves {
                    // A signature of four bytes, version, a blank, and the number of entries.
                    let head = storage.read_range(node, 8)?;
                    let entries = head.as_ref().get(6..8).map_or(0, |count| usize::from(u16::from_le_bytes([count[0], count[1]])));
                    let bytes = storage.read_range(node, 8 + entries * (2 * usize::from(offset) + 24))?;
                    let node = SymbolTableNode::parse(&mut Cursor::new(bytes.as_ref()), offset, length)?;
                    for entry in node.entries.iter().filter(|entry| entry.cache_type == SOFT) {
                        names.push(heap.get_string_storage(entry.link_name_offset, storage)?);
                    }
                }
            }
            _ => {}
        }
    }
    Ok(names)
}
