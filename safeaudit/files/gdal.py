"""What GDAL is left with when the program runs: the drivers that our readers name, and no network.

GDAL opens what a file names: a web address, another file, a program. A driver that is not there cannot. As a library
we leave the caller's environment alone, and rest on what the readers check before GDAL sees a file.
"""

from __future__ import annotations

import os

_NOT_OURS = (
    "AAIGrid,ACE2,ADBC,ADRG,AIG,AirSAR,AIVector,AmigoCloud,Arrow,AVCBin,AVCE00,AVIF,BAG,BASISU,BIGGIF,BLX,BMP,BSB,"
    "BT,BYN,CAD,CALS,Carto,CEOS,COASP,COG,COSAR,CPG,CSV,CSW,CTable2,CTG,DAAS,DDS,DERIVED,DGN,DGNV8,DIMAP,DIPEx,"
    "DODS,DOQ1,DOQ2,DTED,DWG,DXF,ECRGTOC,ECW,EDIGEO,EEDA,EEDAI,EHdr,EIR,ELAS,Elasticsearch,ENVI,ERS,ESAT,ESRIC,"
    "ESRIJSON,EXR,FAST,FileGDB,FIT,FITS,GDALG,GenBin,GeoJSONSeq,GeoRaster,GeoRSS,GFF,GIF,GML,GMLAS,GNMDatabase,"
    "GNMFile,GPSBabel,GPX,GRASSASCIIGrid,GRIB,GS7BG,GSAG,GSBG,GSC,GTFS,GTI,GTX,GXF,HANA,HDF4,HDF4Image,HDF5,"
    "HDF5Image,HEIF,HF2,HFA,HTTP,IDB,Idrisi,ILWIS,Interlis 1,Interlis 2,IRIS,ISCE,ISG,ISIS2,ISIS3,JAXAPALSAR,JDEM,"
    "JML,JP2ECW,JP2KAK,JP2Lura,JP2OpenJPEG,JPEG,JPEGXL,JPIPKAK,JSONFG,KEA,KML,KMLSUPEROVERLAY,KRO,KTX2,L1B,LAN,LCP,"
    "Leveller,LIBERTIFF,LIBKML,LOSLAS,LVBAG,MAP,MapInfo File,MapML,MBTiles,MFF,MFF2,MG4Lidar,MiraMon,MiraMonRaster,"
    "MiraMonVector,MongoDBv3,MRF,MrSID,MSG,MSGN,MSSQLSpatial,MVT,MySQL,NAS,NDF,netCDF,NGSGEOID,NGW,NITF,NOAA_B,"
    "NSIDCbin,NTv2,NWT_GRC,NWT_GRD,OAPIF,OCI,ODBC,ODS,OGCAPI,OGDI,OGR_GMT,OGR_PDS,OGR_VRT,OpenFileGDB,OSM,OZI,"
    "Parquet,PAux,PCIDSK,PCRaster,PDF,PDS,PDS4,PGDUMP,PGeo,PLMOSAIC,PLSCENES,PMTiles,PNG,PNM,PostGISRaster,"
    "PostgreSQL,PRF,R,Rasterlite,RASTERLITE2,RCM,RDB,RIK,RMF,ROI_PAC,RPFTOC,RRASTER,RS2,RST,S102,S104,S111,S57,"
    "SAFE,SAGA,SAR_CEOS,SDTS,SEGUKOOA,SEGY,Selafin,SENTINEL2,SGI,SIGDEM,SNAP_TIFF,SNODAS,SOSI,SQLite,SRP,SRTMHGT,"
    "STACIT,STACTA,SVG,SXF,Terragen,TGA,TIL,TileDB,TopoJSON,TSX,USGSDEM,VDV,VFK,VICAR,VRT,Walk,WAsP,WCS,WEBP,WFS,"
    "WMS,WMTS,XLSX,XODR,XPM,XYZ,Zarr,ZMap"
)
"""Every driver that GDAL has had, save GeoJSON, GPKG, FlatGeobuf, ESRI Shapefile, GTiff and its memory."""

_ENVIRONMENT = {
    "GDAL_SKIP": _NOT_OURS,
    "OGR_SKIP": _NOT_OURS,
    "GDAL_DRIVER_PATH": "disable",
    "CPL_VSIL_CURL_ALLOWED_FILENAME": "none",
    "GDAL_HTTP_PROXY": "http://127.0.0.1:0",
    "GDAL_HTTPS_PROXY": "http://127.0.0.1:0",
    "CPL_LOG": os.devnull,  # a build that lacks one of the drivers would complain
}


def restrict_gdal() -> None:
    """Take from GDAL what no reader of ours needs; it looks at this once, when it is first imported."""
    os.environ.update(_ENVIRONMENT)
