from chatcask.ops.bundle.read_in import ImportOptions as ImportOptions
from chatcask.ops.bundle.read_in import ImportResult as ImportResult
from chatcask.ops.bundle.read_in import import_bundle as import_bundle
from chatcask.ops.bundle.write import ExportOptions as ExportOptions
from chatcask.ops.bundle.write import ExportResult as ExportResult
from chatcask.ops.bundle.write import export_bundle as export_bundle
from chatcask.ops.editing.import_copies import ImportedCopy as ImportedCopy
